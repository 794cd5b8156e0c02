import type { FetchLike } from '../http/bounded-request.js';
import type { Clock } from '../time/clock.js';
import { ok, unknown, warning } from './findings.js';
import type { HealthFinding } from './health-report.js';

const WARN_MS = 30_000;
/** `Date` counts whole seconds. */
const RESOLUTION_MS = 1_000;

/** The least by which a server's clock differs from ours, in milliseconds: above 0 where it is ahead. */
interface ClockDifference {
  readonly origin: string;
  readonly ms: number;
}

/** Listens in on answers for what the servers' clocks say (RFC 9110 section 6.6.1). */
export class ClockComparison {
  readonly #fetch: FetchLike;
  readonly #clock: Clock;
  readonly #differences: ClockDifference[] = [];

  constructor(fetch: FetchLike, clock: Clock) {
    this.#fetch = fetch;
    this.#clock = clock;
  }

  readonly fetch: FetchLike = async (url, init) => {
    const sent = this.#clock.now();
    const response = await this.#fetch(url, init);
    const received = this.#clock.now();
    // A cache says how long it has kept the answer, whose Date is older by that.
    const age = (Number(response.headers.get('age')) || 0) * 1_000;
    const date = Date.parse(response.headers.get('date') ?? '') + age;
    if (Number.isFinite(date)) {
      this.#differences.push({ origin: new URL(url).origin, ms: difference(date, sent, received) });
    }
    return response;
  };

  finding(): HealthFinding {
    const [first, ...others] = this.#differences;
    if (!first) return unknown('clock', 'No server said what its clock shows.');
    const most = others.reduce((worst, one) => (Math.abs(one.ms) > Math.abs(worst.ms) ? one : worst), first);
    const seconds = Math.round(Math.abs(most.ms) / 1_000);
    if (Math.abs(most.ms) <= WARN_MS)
      return ok('clock', 'The clocks of the servers agree with the one here.');
    return warning(
      'clock',
      `The clock of ${most.origin} is ${String(seconds)} s ${most.ms > 0 ? 'ahead of' : 'behind'} the one here: ` +
        'tokens may end before they are renewed, and signed assertions be refused.',
      'Let this machine set its clock by the network (NTP). If it is right, tell whoever runs that server.',
    );
  }
}

/** The answer was dated at some moment between the two, in the second that begins with `date`. */
function difference(date: number, sent: number, received: number): number {
  if (date > received) return date - received;
  const latest = date + RESOLUTION_MS;
  return latest < sent ? latest - sent : 0;
}
