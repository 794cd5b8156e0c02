import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { countTokenRequests, launchChromium, refreshesForOneExpiry, tokensEndAt } from '@mcp-oauth/e2e';
import type { Browser } from 'playwright-core';
import { startAggregator } from './support/running-aggregator.js';
import type { RunningAggregator } from './support/running-aggregator.js';
import { WebUser } from './support/web-user.js';

const STORY_MS = 60_000;
const ACCESS_TOKEN_SECONDS = 8;
/** After the end by the clock, so that nothing but a refresh can help. */
const BEYOND_MS = 200;
const PAGE_TRIES = 10;

let browser: Browser;
let aggregator: RunningAggregator;

beforeAll(async () => {
  browser = await launchChromium();
  aggregator = await startAggregator(ACCESS_TOKEN_SECONDS);
}, STORY_MS);
afterAll(async () => {
  await browser.close();
  await aggregator.close();
});

test(
  'a token that has ended is renewed once, however many pages of both replicas want it, and the page tells',
  async () => {
    const ada = await WebUser.signedIn(browser, aggregator.url, 'Ada');
    await ada.connect('harbour');
    await expectThePageToTell(ada);
    expect(counts()).toMatchObject({ codeExchanges: 1, needlessRefreshes: 0 });
    await endOfTokens();
    const before = counts();

    const url = new URL('/servers/harbour/tools/add', aggregator.url).href;
    const headers = { accept: 'text/html' };
    const pages = await Promise.all(
      Array.from({ length: 8 }, () => ada.context.request.get(url, { headers })),
    );
    expect(pages.map((page) => page.status())).toEqual(pages.map(() => 200));
    expect(new Set(pages.map((page) => page.headers()['replica'])).size).toBe(2);
    expect(refreshesForOneExpiry(before, counts())).toBe(1);

    await ada.open('/servers/harbour');
    await expectThePageToTell(ada);
    expect(counts().needlessRefreshes).toBe(0);
    await ada.close();
  },
  STORY_MS,
);

function tokenRequests() {
  return aggregator.mcp.authorizationServer.tokenRequests();
}

function counts() {
  return countTokenRequests(tokenRequests(), ACCESS_TOKEN_SECONDS);
}

/** On a slow machine a page may have had the token renewed, even just now. */
async function endOfTokens(): Promise<void> {
  const leftMs = () => tokensEndAt(tokenRequests(), ACCESS_TOKEN_SECONDS) + BEYOND_MS - Date.now();
  for (let left = leftMs(); left > 0; left = leftMs()) await sleep(left);
}

/** Where a slow page has the token renewed in the background, the next one tells. */
async function expectThePageToTell(user: WebUser): Promise<void> {
  const told = () => user.page.locator('dt:text-is("Renewed so far") + dd').innerText();
  for (let tries = 1; ; tries += 1) {
    const [found, renewals] = [await told(), counts().dueRefreshes];
    const expected = ['not yet', 'once'][renewals] ?? `${String(renewals)} times`;
    if (found === expected) return;
    if (tries === PAGE_TRIES) throw new Error(`The page tells "${found}", not "${expected}".`);
    await user.page.reload();
  }
}
