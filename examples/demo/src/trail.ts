import type { Browser, BrowserOptions, BrowserResult, FetchLike, OAuthClientEvent } from '@mcp-oauth/core';

/** One thing that the host did. Holds no query, header or body. */
export interface Step {
  readonly atMs: number;
  readonly what: string;
  readonly origin: string;
  readonly outcome: string;
}

/** Takes down what the host sends, which pages it opens, and what it reports. */
export class Trail {
  readonly events: OAuthClientEvent[] = [];
  readonly #steps: Step[] = [];
  #began = performance.now();
  #opened = 0;

  get browserOpens(): number {
    return this.#opened;
  }

  /** The steps since the last time. */
  take(): readonly Step[] {
    const steps = this.#steps.splice(0);
    this.#began = performance.now();
    return steps;
  }

  readonly fetch: FetchLike = async (url, init) => {
    const { origin, pathname } = new URL(url);
    const atMs = this.#elapsed();
    const response = await globalThis.fetch(url, init);
    const what = `${init?.method ?? 'GET'} ${pathname}`;
    this.#steps.push({ atMs, what, origin, outcome: String(response.status) });
    return response;
  };

  readonly onEvent = (event: OAuthClientEvent): void => {
    this.events.push(event);
  };

  count(type: OAuthClientEvent['type']): number {
    return this.events.filter((event) => event.type === type).length;
  }

  watched(browser: Browser): Browser {
    return {
      open: async (url: URL, options?: BrowserOptions): Promise<BrowserResult> => {
        this.#opened += 1;
        const atMs = this.#elapsed();
        const result = await browser.open(url, options);
        const outcome = result.opened ? 'opened' : 'no browser';
        this.#steps.push({ atMs, what: `browser ${url.pathname}`, origin: url.origin, outcome });
        return result;
      },
    };
  }

  #elapsed(): number {
    return Math.round(performance.now() - this.#began);
  }
}
