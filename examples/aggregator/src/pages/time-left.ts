import { html } from 'hono/html';
import type { Html } from './layout.js';

/** A moment that comes, as people say it: `in 48 seconds`. The clock time is in UTC: nobody here knows the zone. */
export function timeLeft(moment: Date): Html {
  // A server may name a moment beyond the calendar, which has no clock time.
  if (Number.isNaN(moment.getTime())) return html`at no time that a calendar has`;
  const iso = moment.toISOString();
  return html`<time datetime="${iso}" title="${iso}">${inWords(moment.getTime() - Date.now())}</time>`;
}

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

function inWords(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds <= 0) return 'now';
  const words = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
  const [unit, size] = units.find(([, length]) => seconds >= 2 * length) ?? (['second', 1] as const);
  return words.format(Math.round(seconds / size), unit);
}
