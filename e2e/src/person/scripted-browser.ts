import type { Browser, BrowserResult } from '@mcp-oauth/core';
import { person, type PersonOptions, type Visit } from './person.js';

/** A browser with a scripted person at it, who goes through login and consent and back to the client. */
export class ScriptedBrowser implements Browser {
  readonly #options: PersonOptions;
  readonly #opened: URL[] = [];
  readonly #visits: Promise<Visit>[] = [];

  constructor(options: PersonOptions = {}) {
    this.#options = options;
  }

  /** Every page that was opened, in order. */
  get opened(): readonly URL[] {
    return this.#opened;
  }

  open(url: URL): Promise<BrowserResult> {
    const visit = person.visit(url, this.#options);
    // Whether a visit failed is asked in `visits`.
    visit.catch(() => undefined);
    this.#opened.push(url);
    this.#visits.push(visit);
    return Promise.resolve({ opened: true });
  }

  /** Where the visits ended. Rejects with the first that failed. */
  visits(): Promise<readonly Visit[]> {
    return Promise.all(this.#visits);
  }
}
