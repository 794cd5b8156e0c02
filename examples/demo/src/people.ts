import { env } from 'node:process';
import type { Browser, BrowserResult } from '@mcp-oauth/core';
import { ScriptedBrowser } from '@mcp-oauth/e2e';
import { SystemBrowser } from '@mcp-oauth/node';
import type { Browser as Chromium } from 'playwright-core';
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
  #chromium: Promise<Chromium> | undefined;
  #visit: Promise<void> = Promise.resolve();

  done(): Promise<void> {
    return this.#visit;
  }

  async close(): Promise<void> {
    await (await this.#chromium)?.close();
  }

  async #open(url: URL): Promise<BrowserResult> {
    this.#chromium ??= launchChromium();
    this.#visit = this.#signIn(await this.#chromium, url);
    // Whether it failed is asked in `done`.
    this.#visit.catch(() => undefined);
    return { opened: true };
  }

  async #signIn(chromium: Chromium, url: URL): Promise<void> {
    const page = await chromium.newPage();
    await page.goto(url.href);
    await page.getByLabel('User name').fill('alice');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL('http://localhost:*/callback*');
  }
}

async function launchChromium(): Promise<Chromium> {
  const { chromium } = await import('playwright-core');
  return await chromium.launch({
    executablePath: env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    // Playwright would end the demo together with Chromium, in the middle of tidying up.
    handleSIGINT: false,
    handleSIGTERM: false,
  });
}
