import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { faults, startStrictAuthorizationServer, type StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { redirectUri } from './authorization-url.js';
import { json, requestsTo } from './strict-requests.js';

let as: StrictAuthorizationServer;

const grantFor = (clientId: string) => requestsTo(as).grantFor(clientId);
const refreshWith = (clientId: string, refreshToken: string) =>
  requestsTo(as).refreshWith(clientId, refreshToken);

beforeEach(async () => {
  as = await startStrictAuthorizationServer();
});
afterEach(async () => {
  await as.close();
});

test('faults come in the order in which they were queued, and the log names tokens by id', async () => {
  const { clientId } = as.addClient({ redirectUris: [redirectUri] });
  const { refresh } = grantFor(clientId);
  as.fail(
    'token',
    faults.reset(),
    faults.reset('mid_body'),
    faults.unavailableHtml(),
    faults.tooManyRequests('7'),
    faults.errorInOk('slow_down'),
    faults.oauthError('temporarily_unavailable'),
    faults.redirect('http://evil.example/'),
  );
  await expect(refreshWith(clientId, refresh)).rejects.toThrow('fetch failed');
  const cut = await refreshWith(clientId, refresh);
  await expect(cut.text()).rejects.toThrow('terminated');
  expect((await refreshWith(clientId, refresh)).status).toBe(503);
  expect((await refreshWith(clientId, refresh)).headers.get('retry-after')).toBe('7');
  expect(await json(await refreshWith(clientId, refresh))).toEqual({ error: 'slow_down' });
  expect((await refreshWith(clientId, refresh)).status).toBe(400);
  await expect(refreshWith(clientId, refresh)).rejects.toThrow('fetch failed');
  expect((await refreshWith(clientId, refresh)).status).toBe(200);

  expect(as.counts()).toMatchObject({ token: 8, metadata: 0 });
  expect(as.log().map(({ presented }) => presented)).toEqual(Array(8).fill('family-1/refresh-1'));
  expect(JSON.stringify(as.log())).not.toContain('cnry_');
  expect(as.families()).toMatchObject([{ generation: 2, maxInFlight: 1 }]);
});

test('a lost reply has rotated the token all the same', async () => {
  const { clientId } = as.addClient({ redirectUris: [redirectUri] });
  const { refresh } = grantFor(clientId);
  as.fail('token', faults.processThenDrop());
  await expect(refreshWith(clientId, refresh)).rejects.toThrow('fetch failed');
  expect(as.families()).toMatchObject([{ generation: 2, revoked: undefined }]);
  expect((await refreshWith(clientId, refresh)).status).toBe(400);
});

test('the same seed loses the same replies', async () => {
  const lost = async () => {
    await as.close();
    as = await startStrictAuthorizationServer({ seed: 7, lossRate: 0.5 });
    const { clientId } = as.addClient({ redirectUris: [redirectUri] });
    for (let trial = 0; trial < 12; trial += 1) {
      await refreshWith(clientId, grantFor(clientId).refresh).catch(() => undefined);
    }
    return as.log().map(({ fault }) => fault === 'process_then_drop');
  };
  const first = await lost();
  expect(first).toContain(true);
  expect(first).toContain(false);
  expect(await lost()).toEqual(first);
});

test('requests that are open at once are counted for each family', async () => {
  as.behaviour.tokenLatencyMs = 100;
  const { clientId } = as.addClient({ redirectUris: [redirectUri] });
  const { refresh } = grantFor(clientId);
  await Promise.all([refreshWith(clientId, refresh), refreshWith(clientId, refresh)]);
  expect(as.families()).toMatchObject([{ maxInFlight: 2, revoked: 'reuse' }]);
  const { at, endedAt } = as.log()[0]!;
  expect(endedAt! - at).toBeGreaterThan(90);
  expect(Math.abs(at - Date.now())).toBeLessThan(5_000);
});

test('close frees the port at once, also while requests are waiting', async () => {
  const { clientId } = as.addClient({ redirectUris: [redirectUri] });
  const { refresh } = grantFor(clientId);
  as.fail('token', faults.silent(), faults.slowBody(1_000), faults.endlessBody());
  const settled = Promise.allSettled(
    [1, 2, 3].map(() => refreshWith(clientId, refresh).then((r) => r.text())),
  );
  while (as.counts().token < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  const begun = performance.now();
  await as.close();
  expect(performance.now() - begun).toBeLessThan(1_000);
  expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  await expect(fetch(as.origin)).rejects.toThrow('fetch failed');
});

test('a reply can come late although the token was rotated at once', async () => {
  const { clientId } = as.addClient({ redirectUris: [redirectUri] });
  const { refresh } = grantFor(clientId);
  as.fail('token', faults.processThenWait(150));
  const late = refreshWith(clientId, refresh);
  while (as.families()[0]?.generation !== 2) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(as.log()[0]?.endedAt).toBeUndefined();
  expect(await json(await late)).toHaveProperty('refresh_token');
});

test('a standing fault stays until it is healed, after those that were queued', async () => {
  const { clientId } = as.addClient({ redirectUris: [redirectUri] });
  const status = async () => (await refreshWith(clientId, 'unknown')).status;
  as.failAlways('token', faults.internalError());
  as.fail('token', faults.pass(), faults.unavailableHtml());
  expect([await status(), await status(), await status(), await status()]).toEqual([400, 503, 500, 500]);
  as.heal('token');
  expect(await status()).toBe(400);
});

test('what the server answers with can be altered', async () => {
  as.behaviour.registrationResponse = (response) => ({
    ...response,
    redirect_uris: ['https://evil.example'],
  });
  const client = await requestsTo(as).register();
  expect(client['redirect_uris']).toEqual(['https://evil.example']);
  as.behaviour.tokenResponse = (response) => ({ ...response, scope: undefined, expires_in: 0.5 });
  const { tokenResponse } = as.issueGrant(String(client['client_id']));
  const renewed = await json(
    await refreshWith(String(client['client_id']), String(tokenResponse['refresh_token'])),
  );
  expect(renewed).toMatchObject({ expires_in: 0.5 });
  expect(renewed).not.toHaveProperty('scope');
});
