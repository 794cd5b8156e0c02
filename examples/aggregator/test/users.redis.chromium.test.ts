import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { expectNoLeaks, launchChromium } from '@mcp-oauth/e2e';
import type { Browser } from 'playwright-core';
import { startAggregator } from './support/running-aggregator.js';
import type { RunningAggregator } from './support/running-aggregator.js';
import { storedSecrets } from './support/stored-secrets.js';
import { WebUser } from './support/web-user.js';

const STORY_MS = 60_000;

let browser: Browser;
let aggregator: RunningAggregator;

beforeAll(async () => {
  browser = await launchChromium();
  aggregator = await startAggregator();
}, STORY_MS);
afterAll(async () => {
  await browser.close();
  await aggregator.close();
});

test(
  'a user connects a server, begun on one replica and completed on the other, and calls tools; another user sees none of it',
  async () => {
    const ada = await WebUser.signedIn(browser, aggregator.url, 'Ada');
    await ada.connect('harbour');
    const notice = await ada.page.getByText('began this login').innerText();
    const [, begun, completed] =
      /(replica \d) began this login and (replica \d) completed/.exec(notice) ?? [];
    expect([begun, completed].sort()).toEqual(['replica 1', 'replica 2']);
    expect(await ada.callTool('harbour', 'add', { a: '19', b: '23' })).toBe('42');
    expect(JSON.parse(await ada.callTool('harbour', 'whoami'))).toMatchObject({ subject: 'somebody' });
    await ada.open('/');
    expect(await ada.page.getByText('1 of 3 connected').isVisible()).toBe(true);

    const grace = await WebUser.signedIn(browser, aggregator.url, 'Grace');
    expect(await grace.page.getByText('0 of 3 connected').isVisible()).toBe(true);
    await grace.open('/servers/harbour');
    expect(await grace.page.getByText('Not connected').isVisible()).toBe(true);
    const refused = await grace.open('/servers/harbour/tools/whoami');
    expect([refused?.status(), await grace.heading()]).toEqual([403, 'Not connected']);
    await grace.open('/data');
    expect(await grace.page.getByText('There is none at the moment.').isVisible()).toBe(true);

    const secrets = await storedSecrets(aggregator.redis.url);
    expect(secrets.size).toBeGreaterThanOrEqual(2);
    expectNoLeaks({ ada: await ada.responses(), grace: await grace.responses() }, secrets);
    expectNoLeaks({ output: aggregator.output() }, secrets);
    await ada.close();
    await grace.close();
  },
  STORY_MS,
);

test(
  'A callback is good for the user and the browser that began the login alone, and once',
  async () => {
    const ada = await WebUser.signedIn(browser, aggregator.url, 'Ada');
    const adaElsewhere = await WebUser.signedIn(browser, aggregator.url, 'Ada');
    const grace = await WebUser.signedIn(browser, aggregator.url, 'Grace');
    await ada.beginConnecting('lighthouse');
    const secrets = await storedSecrets(aggregator.redis.url);
    const callback = await ada.callbackAfterConsent();

    const byGrace = await grace.page.goto(callback);
    expect([byGrace?.status(), await grace.heading()]).toEqual([403, 'This login is somebody else’s']);
    const elsewhere = await adaElsewhere.page.goto(callback);
    expect([elsewhere?.status(), await adaElsewhere.heading()]).toEqual([
      403,
      'This login was begun in another browser',
    ]);
    await adaElsewhere.page.getByRole('button', { name: 'Sign out' }).click();
    const signedOut = await adaElsewhere.page.goto(callback);
    expect([signedOut?.status(), await adaElsewhere.heading()]).toEqual([403, 'You are signed out']);

    await ada.page.goto(callback);
    expect(await ada.page.getByText('Connected.', { exact: true }).isVisible()).toBe(true);
    expect(new URL(ada.page.url()).search).toBe('');
    const again = await ada.page.goto(callback);
    expect([again?.status(), await ada.heading()]).toEqual([410, 'This login is over']);
    expect(new URL(again!.url()).search).toBe('');
    expect(await ada.callTool('lighthouse', 'add', { a: '1', b: '1' })).toBe('2');

    const code = new URL(callback).searchParams.get('code') ?? '';
    const responses = [await ada.responses(), await grace.responses(), await adaElsewhere.responses()];
    expectNoLeaks({ responses, output: aggregator.output() }, [...secrets, code]);
    await Promise.all([ada.close(), adaElsewhere.close(), grace.close()]);
  },
  STORY_MS,
);

test(
  'several logins go on side by side in one browser, and a refused one is told as such',
  async () => {
    const katherine = await WebUser.signedIn(browser, aggregator.url, 'Katherine');
    await katherine.beginConnecting('harbour');
    const harbour = katherine.page.url();
    await katherine.beginConnecting('observatory');
    await katherine.page.getByRole('button', { name: 'Deny' }).click();
    await katherine.page.getByRole('heading', { name: 'Access was not allowed' }).waitFor();
    await katherine.page.goto(harbour);
    await katherine.page.getByRole('button', { name: 'Allow' }).click();
    await katherine.page.getByText('Connected.', { exact: true }).waitFor();
    await katherine.close();
  },
  STORY_MS,
);

test(
  'a tool that needs more permission leads to the consent for it, and works after it',
  async () => {
    const grace = await WebUser.signedIn(browser, aggregator.url, 'Grace');
    await grace.connect('observatory');
    await grace.open('/servers/observatory/tools/admin_only');
    await grace.page.getByRole('button', { name: 'Call' }).click();
    expect(await grace.heading()).toBe('More permission is needed');
    await grace.page.getByRole('button', { name: 'Connect observatory' }).click();
    await grace.consentPage();
    expect(await grace.page.getByText('mcp:admin').isVisible()).toBe(true);
    await grace.page.getByRole('button', { name: 'Allow' }).click();
    await grace.page.getByText('Connected.', { exact: true }).waitFor();
    // Twice, so that also the replica answers which holds the token from before.
    for (let call = 0; call < 2; call++) {
      await grace.open('/servers/observatory/tools/admin_only');
      await grace.page.getByRole('button', { name: 'Call' }).click();
      expect(await grace.heading()).toBe('admin_only');
    }
    expect(await grace.page.getByRole('region', { name: 'Text of the answer' }).innerText()).toBe('done');
    await grace.close();
  },
  STORY_MS,
);
