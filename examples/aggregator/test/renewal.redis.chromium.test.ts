import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { launchChromium } from '@mcp-oauth/e2e';
import type { Browser } from 'playwright-core';
import { startAggregator } from './support/running-aggregator.js';
import type { RunningAggregator } from './support/running-aggregator.js';
import { WebUser } from './support/web-user.js';

const STORY_MS = 60_000;
const ACCESS_TOKEN_SECONDS = 8;

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
    expect(await ada.page.getByText('not yet').isVisible()).toBe(true);
    const tokenRequests = () => aggregator.mcp.authorizationServer.counts()['POST /token'];
    expect(tokenRequests()).toBe(1);
    await sleep(ACCESS_TOKEN_SECONDS * 1_000 + 200);

    const url = new URL('/servers/harbour/tools/add', aggregator.url).href;
    const headers = { accept: 'text/html' };
    const pages = await Promise.all(
      Array.from({ length: 8 }, () => ada.context.request.get(url, { headers })),
    );
    expect(pages.map((page) => page.status())).toEqual(pages.map(() => 200));
    expect(new Set(pages.map((page) => page.headers()['replica'])).size).toBe(2);
    expect(tokenRequests()).toBe(2);

    await ada.open('/servers/harbour');
    expect(await ada.page.getByText('once', { exact: true }).isVisible()).toBe(true);
    await ada.close();
  },
  STORY_MS,
);
