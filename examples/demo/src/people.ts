import type { Browser, BrowserResult } from '@mcp-oauth/core';
import { PersonAtChromium, ScriptedBrowser } from '@mcp-oauth/e2e';
import { SystemBrowser } from '@mcp-oauth/node';
import type { WhoLogsIn } from './command-line.js';

/** The browser of a login, and what has to be ended after it. */
export interface Person {
  readonly browser: Browser;
  readonly description: string;
  /** Rejects if the person could not do what it takes. */
  done(): Promise<unknown>;
  close(): Promise<void>;
}

export function personAt(whoLogsIn: WhoLogsIn): Person {
  if (whoLogsIn === 'headless') return new ChromiumPerson();
  const close = () => Promise.resolve();
  if (whoLogsIn === 'system') {
    const description = 'you: sign in with any name and press Allow. Ctrl-C ends the demo.';
    return { browser: new SystemBrowser(), description, done: close, close };
  }
  const browser = new ScriptedBrowser();
  return { browser, description: 'a scripted person, who says yes', done: () => browser.visits(), close };
}

/** Real Chromium, without a window. */
class ChromiumPerson implements Person {
  readonly description = 'Chromium without a window, driven by playwright';
  readonly browser: Browser = { open: (url) => this.#open(url) };
  readonly #person = new PersonAtChromium();
  #visit: Promise<void> = Promise.resolve();

  done(): Promise<void> {
    return this.#visit;
  }

  close(): Promise<void> {
    return this.#person.close();
  }

  #open(url: URL): Promise<BrowserResult> {
    this.#visit = this.#person.visit(url);
    // Whether it failed is asked in `done`.
    this.#visit.catch(() => undefined);
    return Promise.resolve({ opened: true });
  }
}
