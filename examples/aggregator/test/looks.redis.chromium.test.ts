import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { launchChromium } from '@mcp-oauth/e2e';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { startAggregator } from './support/running-aggregator.js';
import type { RunningAggregator } from './support/running-aggregator.js';
import { WebUser } from './support/web-user.js';

const STORY_MS = 120_000;
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
/** Where every page is photographed, if this names a folder. */
const photographs = process.env['AGGREGATOR_SCREENSHOTS'];
const looks = [
  { name: 'light', colorScheme: 'light', width: 1_100 },
  { name: 'dark', colorScheme: 'dark', width: 1_100 },
  { name: 'narrow', colorScheme: 'light', width: 320 },
] as const;

let browser: Browser;
let aggregator: RunningAggregator;

beforeAll(async () => {
  browser = await launchChromium();
  aggregator = await startAggregator();
  if (photographs !== undefined) await mkdir(photographs, { recursive: true });
}, STORY_MS);
afterAll(async () => {
  await browser.close();
  await aggregator.close();
});

const checks: string[] = [];

/** Looks at a page in every light and width: nothing that axe finds, nothing that has to be scrolled sideways. */
async function lookAt(page: Page, name: string): Promise<void> {
  for (const look of looks) {
    await page.emulateMedia({ colorScheme: look.colorScheme });
    await page.setViewportSize({ width: look.width, height: 800 });
    if (photographs !== undefined)
      await page.screenshot({ path: join(photographs, `${name}-${look.name}.png`), fullPage: true });
    const where = `${name}, ${look.name}`;
    const [scrolled, overflowing] = await page.evaluate<[number, string[]]>(`[
      document.documentElement.scrollWidth,
      [...document.querySelectorAll('body *')]
        .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
        .map((element) => element.outerHTML.slice(0, 80)),
    ]`);
    expect({ where, scrolled: scrolled > look.width, overflowing }).toEqual({
      where,
      scrolled: false,
      overflowing: [],
    });
    await page.addScriptTag({ path: axe });
    const { violations, passes } = await page.evaluate<AxeResults>('axe.run()');
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
    expect(passes.length).toBeGreaterThan(10);
    expect({ where, found }).toEqual({ where, found: [] });
    checks.push(where);
  }
}

test(
  'every page can be read, in light and dark and on a narrow screen',
  async () => {
    // axe is a script, which no page of this application lets in.
    const ada = await WebUser.signedIn(browser, aggregator.url, 'Ada', { bypassCSP: true });
    const { page } = ada;
    await ada.connect('harbour');
    await lookAt(page, 'server-just-connected');
    await ada.open('/');
    await lookAt(page, 'servers');
    await ada.open('/servers/lighthouse');
    await lookAt(page, 'server-not-connected');
    // The authorization server keeps silent, so that the page which leads there stays.
    await page.route(`${aggregator.mcp.authorizationServer.issuer}/**`, (route) =>
      route.fulfill({ status: 204 }),
    );
    await page.getByRole('button', { name: 'Connect lighthouse' }).click();
    await lookAt(page, 'connecting');
    await page.unroute(`${aggregator.mcp.authorizationServer.issuer}/**`);
    await ada.open('/servers/harbour/tools/add');
    await lookAt(page, 'tool');
    await ada.callTool('harbour', 'whoami');
    await lookAt(page, 'tool-answer');
    await ada.open('/servers/harbour/tools/admin_only');
    await page.getByRole('button', { name: 'Call' }).click();
    await lookAt(page, 'more-permission');
    await aggregator.mcp.servers.observatory.close();
    await page.waitForTimeout(3_500);
    await ada.open('/');
    await lookAt(page, 'servers-one-away');
    await ada.open('/data');
    await lookAt(page, 'data');
    await ada.open('/servers/harbour');
    await page.getByRole('button', { name: 'Disconnect harbour' }).click();
    await lookAt(page, 'disconnected');
    await ada.connect('lighthouse');
    await ada.open('/data');
    await page.getByRole('button', { name: 'Delete my data' }).click();
    await lookAt(page, 'data-deleted');
    for (const refusal of ['owner_mismatch', 'unknown_flow', 'declined']) {
      await ada.open(`/oauth/refused/${refusal}`);
      await lookAt(page, `refused-${refusal}`);
    }
    await ada.open('/nothing');
    await lookAt(page, 'no-such-page');
    await aggregator.redis.kill();
    await ada.open('/');
    await lookAt(page, 'storage-away');
    await ada.open('/servers/lighthouse');
    await lookAt(page, 'server-storage-away');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await lookAt(page, 'sign-in');
    await ada.close();
    expect(checks).toHaveLength(18 * looks.length);
  },
  STORY_MS,
);

test(
  'the keyboard alone gets everywhere, past the navigation, and is always seen',
  async () => {
    await aggregator.redis.restart();
    const grace = await WebUser.signedIn(browser, aggregator.url, 'Grace', { javaScriptEnabled: true });
    const { page } = grace;
    const focused = async () =>
      await page.evaluate<string>(
        'document.activeElement.textContent.trim() || document.activeElement.tagName',
      );
    const outline = async () =>
      await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle');
    const stops: string[] = [];
    for (let stop = 0; stop < 9; stop++) {
      await page.keyboard.press('Tab');
      stops.push(await focused());
      expect(await outline()).not.toBe('none');
    }
    expect(stops.slice(0, 7)).toEqual([
      'Skip to the content',
      'Example aggregator',
      'Servers',
      'Your data',
      'Sign out',
      'harbour',
      'Connect harbour',
    ]);
    await page.reload();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('harbour');
    await grace.close();
  },
  STORY_MS,
);
