import { person, PersonAtChromium } from '@mcp-oauth/e2e';
import type { WhoLogsIn } from '../command-line.js';

/** Who sits at the browser that the windows share. */
export interface Person {
  /** How many pages the windows have opened; unknown where they open the browser of the system. */
  readonly tabs: number | undefined;
  /** Absent where the windows open the browser of the system themselves. */
  readonly open: ((url: URL) => void) | undefined;
  /** Rejects if a login could not be done. */
  done(): Promise<unknown>;
  close(): Promise<void>;
}

export function personAt(whoLogsIn: WhoLogsIn): Person {
  if (whoLogsIn === 'headless') return new AtChromium();
  if (whoLogsIn === 'scripted') return new AtTabs((url) => person.visit(url));
  const nothing = () => Promise.resolve();
  return { tabs: undefined, open: undefined, done: nothing, close: nothing };
}

class AtTabs implements Person {
  readonly #visit: (url: URL) => Promise<unknown>;
  readonly #visits: Promise<unknown>[] = [];

  constructor(visit: (url: URL) => Promise<unknown>) {
    this.#visit = visit;
  }

  get tabs(): number {
    return this.#visits.length;
  }

  readonly open = (url: URL): void => {
    const visit = this.#visit(url);
    // Whether it failed is asked in `done`.
    visit.catch(() => undefined);
    this.#visits.push(visit);
  };

  done(): Promise<unknown> {
    return Promise.all(this.#visits);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Real Chromium, without a window. */
class AtChromium extends AtTabs {
  readonly #person: PersonAtChromium;

  constructor(chromium = new PersonAtChromium()) {
    super((url) => chromium.visit(url));
    this.#person = chromium;
  }

  override close(): Promise<void> {
    return this.#person.close();
  }
}
