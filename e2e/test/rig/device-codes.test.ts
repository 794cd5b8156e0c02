import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { person, startStrictAuthorizationServer, type StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { json, requestsTo } from './strict-requests.js';

const grantType = 'urn:ietf:params:oauth:grant-type:device_code';
let as: StrictAuthorizationServer;
let clientId: string;

beforeEach(async () => {
  as = await startStrictAuthorizationServer({ deviceAuthorization: true, deviceInterval: 0.2 });
  clientId = as.addClient({
    redirectUris: ['http://localhost:9876/callback'],
    grantTypes: [grantType, 'refresh_token'],
  }).clientId;
});
afterEach(async () => {
  await as.close();
});

async function begun() {
  const body = await json(
    await requestsTo(as).post('device_authorization', { client_id: clientId, scope: 'mcp:tools' }),
  );
  const poll = async () =>
    json(
      await requestsTo(as).post('token', {
        grant_type: grantType,
        client_id: clientId,
        device_code: String(body['device_code']),
      }),
    );
  return { body, page: String(body['verification_uri_complete']), poll };
}

test('a code is pending until the person has decided, and good once', async () => {
  const { body, page, poll } = await begun();
  expect(body).toMatchObject({ expires_in: 600, interval: 0.2 });
  expect(body['user_code']).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
  await wait(250);
  expect(await poll()).toEqual({ error: 'authorization_pending' });
  await person.approveDevice(page, { user: 'fay' });
  await wait(250);
  expect(await poll()).toMatchObject({ token_type: 'Bearer', scope: 'mcp:tools' });
  expect(as.families()).toMatchObject([{ subject: 'fay' }]);
  expect(await poll()).toEqual({ error: 'invalid_grant' });
  expect(as.secrets()).toContain(body['device_code']);
  await expect(person.approveDevice(page)).rejects.toThrow(/400/);
});

test('a person who declines, a code whose time is over, and a client that polls too fast are told so', async () => {
  as.behaviour.deviceInterval = 60;
  const declined = await begun();
  await person.approveDevice(declined.page, { decision: 'deny' });
  expect(await declined.poll()).toEqual({ error: 'slow_down' });
  expect(await declined.poll()).toEqual({ error: 'slow_down' });

  as.behaviour.deviceInterval = 0.2;
  const other = await begun();
  await person.approveDevice(other.page, { decision: 'deny' });
  await wait(250);
  expect(await other.poll()).toEqual({ error: 'access_denied' });

  as.behaviour.deviceCodeTtl = 0;
  expect(await (await begun()).poll()).toEqual({ error: 'expired_token' });
});

test('a client that is not registered for it gets no code, and a server without it has no endpoint', async () => {
  const other = as.addClient({ redirectUris: ['http://localhost:9876/callback'] });
  const post = () => requestsTo(as).post('device_authorization', { client_id: other.clientId });
  expect(await json(await post())).toEqual({ error: 'unauthorized_client' });
  as.behaviour.deviceAuthorization = false;
  expect((await post()).status).toBe(404);
});
