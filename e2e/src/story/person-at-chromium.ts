import type { Browser } from 'playwright-core';
import { launchChromium } from '../chromium/launch.js';

/** Somebody who signs in at the pages of the oidc-provider, in a real Chromium that starts with the first login. */
export class PersonAtChromium {
  #chromium: Promise<Browser> | undefined;

  /** Resolves when the browser has come back to the application. */
  async visit(authorizationUrl: URL): Promise<void> {
    // Playwright would end the program together with Chromium, in the middle of tidying up.
    this.#chromium ??= launchChromium({ endsOnSignals: false });
    const page = await (await this.#chromium).newPage();
    await page.goto(authorizationUrl.href);
    await page.getByLabel('User name').fill('alice');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL('http://localhost:*/callback*');
  }

  async close(): Promise<void> {
    await (await this.#chromium)?.close();
  }
}
