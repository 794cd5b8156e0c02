import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { launchChromium } from '@mcp-oauth/e2e';
import type { Browser } from 'playwright-core';
import { startAggregator } from './support/running-aggregator.js';
import type { RunningAggregator } from './support/running-aggregator.js';
import { WebUser } from './support/web-user.js';

const STORY_MS = 60_000;
const OUTAGE_MS = 5_000;

let browser: Browser;
let aggregator: RunningAggregator;

beforeAll(async () => {
  browser = await launchChromium();
}, STORY_MS);
afterAll(() => browser.close());
beforeEach(async () => {
  aggregator = await startAggregator();
}, STORY_MS);
afterEach(() => aggregator.close());

test(
  'a login is completed although the replica that began it was killed',
  async () => {
    const ada = await WebUser.signedIn(browser, aggregator.url, 'Ada');
    await ada.open('/servers/harbour');
    let began = '';
    ada.page.on('response', (response) => {
      if (response.url().endsWith('/connect')) began = response.headers()['replica'] ?? '';
    });
    await ada.page.getByRole('button', { name: 'Connect harbour' }).click();
    await ada.consentPage();
    await aggregator.replicas.find(({ name }) => name === began)!.kill();
    await ada.page.getByRole('button', { name: 'Allow' }).click();
    await ada.page.getByText('Connected.', { exact: true }).waitFor();
    expect(await ada.page.getByText('began this login').innerText()).toContain(`${began} began this login`);
    for (let call = 0; call < 3; call++) {
      expect(await ada.callTool('harbour', 'add', { a: '20', b: '22' })).toBe('42');
      expect(await ada.replica()).not.toBe(began);
    }
    await ada.close();
  },
  STORY_MS,
);

test(
  'while Redis is dead for five seconds no tool call fails, pages about logins say so, and all is well afterwards',
  async () => {
    const ada = await WebUser.signedIn(browser, aggregator.url, 'Ada');
    await ada.connect('harbour');
    const served = new Set<string>();
    while (served.size < 2) {
      await ada.callTool('harbour', 'add', { a: '1', b: '1' });
      served.add(await ada.replica());
      await ada.open('/');
    }
    await aggregator.redis.kill();
    const until = performance.now() + OUTAGE_MS;
    let calls = 0;
    while (performance.now() < until) {
      expect(await ada.callTool('harbour', 'add', { a: String(calls), b: '1' })).toBe(String(calls + 1));
      calls += 1;
    }
    expect(calls).toBeGreaterThanOrEqual(3);
    for (let page = 0; page < 2; page++) {
      const list = await ada.open('/');
      expect([list?.status(), await ada.heading()]).toEqual([503, 'Our storage does not answer']);
      await ada.open('/servers/harbour');
      expect(await ada.page.getByText('Your login is kept; try again').isVisible()).toBe(true);
      expect(await ada.page.getByRole('link', { name: 'whoami' }).isVisible()).toBe(true);
    }

    await aggregator.redis.restart();
    await sleep(2_000);
    await ada.open('/');
    expect(await ada.page.getByText('1 of 3 connected').isVisible()).toBe(true);
    await ada.close();
  },
  STORY_MS,
);

test(
  'a server that is away is told as such, and its login is kept',
  async () => {
    const ada = await WebUser.signedIn(browser, aggregator.url, 'Ada');
    await ada.connect('harbour');
    await aggregator.mcp.servers.harbour.close();
    await sleep(3_500);
    await ada.open('/');
    expect(await ada.page.getByText('Server away').count()).toBe(1);
    await ada.open('/servers/harbour');
    expect(await ada.page.getByText('The server does not answer. Your login is kept.').isVisible()).toBe(
      true,
    );
    expect(await ada.page.getByRole('button', { name: 'Disconnect harbour' }).isVisible()).toBe(true);
    const away = await ada.open('/servers/harbour/tools/whoami');
    expect([away?.status(), await ada.heading()]).toEqual([502, 'The server is away']);
    await ada.close();
  },
  STORY_MS,
);
