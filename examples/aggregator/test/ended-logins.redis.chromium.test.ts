import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { launchChromium } from '@mcp-oauth/e2e';
import type { Browser } from 'playwright-core';
import { startAggregator } from './support/running-aggregator.js';
import type { RunningAggregator } from './support/running-aggregator.js';
import { storedGrants } from './support/stored-secrets.js';
import type { StoredGrant } from './support/stored-secrets.js';
import { WebUser } from './support/web-user.js';

const STORY_MS = 60_000;
const REVALIDATED_MS = 6_000;

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

async function refreshed({ refresh_token, client_id }: StoredGrant): Promise<string> {
  const response = await fetch(`${aggregator.mcp.authorizationServer.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token, client_id }),
  });
  return ((await response.json()) as { error?: string }).error ?? 'refreshed';
}

async function statusWith({ access_token }: StoredGrant): Promise<number> {
  const response = await fetch(aggregator.mcp.servers.harbour.url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${access_token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
  });
  await response.body?.cancel();
  return response.status;
}

test(
  'disconnecting ends both tokens at the server, and on the replica that has served them from memory too',
  async () => {
    const ada = await WebUser.signedIn(browser, aggregator.url, 'Ada');
    await ada.connect('harbour');
    const replicas = new Set<string>();
    for (let call = 0; call < 3; call++) {
      expect(await ada.callTool('harbour', 'add', { a: '1', b: String(call) })).toBe(String(1 + call));
      replicas.add(await ada.replica());
      await ada.open('/');
    }
    expect(replicas.size).toBe(2);
    const [grant] = await storedGrants(aggregator.redis.url);
    // Without a session the server says 400: it let the token in.
    expect(await statusWith(grant!)).not.toBe(401);

    await ada.open('/servers/harbour');
    await ada.page.getByRole('button', { name: 'Disconnect harbour' }).click();
    const disconnectedAt = performance.now();
    expect(await ada.heading()).toBe('harbour is disconnected');
    expect(await ada.page.getByText('ended by the server').count()).toBe(2);

    expect(await statusWith(grant!)).toBe(401);
    expect(await aggregator.mcp.authorizationServer.verify(grant!.access_token)).toBeNull();
    expect(await refreshed(grant!)).toBe('invalid_grant');
    const refusedBy = new Set<string>();
    while (refusedBy.size < 2) {
      expect(performance.now() - disconnectedAt).toBeLessThan(REVALIDATED_MS);
      await ada.open('/servers/harbour/tools/whoami');
      if ((await ada.heading()) === 'Not connected') refusedBy.add(await ada.replica());
      await ada.open('/');
      await ada.open('/');
    }
    await ada.close();
  },
  STORY_MS,
);

test(
  'deleted data takes the logins under way with it: an old callback brings nothing back',
  async () => {
    const grace = await WebUser.signedIn(browser, aggregator.url, 'Grace');
    await grace.connect('lighthouse');
    const [grant] = await storedGrants(aggregator.redis.url);
    await grace.beginConnecting('harbour');
    const callback = await grace.callbackAfterConsent();

    await grace.open('/data');
    expect(await grace.page.getByRole('listitem').allInnerTexts()).toContain('lighthouse');
    await grace.page.getByRole('button', { name: 'Delete my data' }).click();
    expect(await grace.heading()).toBe('Your data is deleted');
    expect(await grace.page.getByText('ended by the server').count()).toBe(2);
    expect(await refreshed(grant!)).toBe('invalid_grant');

    const late = await grace.page.goto(callback);
    expect([late?.status(), await grace.heading()]).toEqual([410, 'This login is over']);
    await grace.open('/');
    expect(await grace.page.getByText('0 of 3 connected').isVisible()).toBe(true);
    expect(await storedGrants(aggregator.redis.url)).toEqual([]);
    await grace.close();
  },
  STORY_MS,
);
