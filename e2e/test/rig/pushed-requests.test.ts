import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { person, startStrictAuthorizationServer, type StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { authorizationUrl, newVerifier, redirectUri } from './authorization-url.js';
import { json, requestsTo } from './strict-requests.js';

let as: StrictAuthorizationServer;

beforeEach(async () => {
  as = await startStrictAuthorizationServer({ pushedRequests: 'required' });
});
afterEach(async () => {
  await as.close();
});

async function pushed(clientId: string, changes: Record<string, string> = {}) {
  const { searchParams } = new URL(authorizationUrl(as, clientId, newVerifier()));
  const response = await requestsTo(as).post('par', { ...Object.fromEntries(searchParams), ...changes });
  const body = await json(response);
  const url = new URL(`${as.issuer}/authorize`);
  url.search = new URLSearchParams({
    client_id: clientId,
    request_uri: String(body['request_uri']),
  }).toString();
  return { status: response.status, body, url };
}

test('a pushed request is good once, for its own client, and until its time is over', async () => {
  const clientId = String((await requestsTo(as).register())['client_id']);
  const { status, body, url } = await pushed(clientId);
  expect(status).toBe(201);
  expect(body).toMatchObject({ expires_in: 60 });
  expect(new URL(await person.consent(url)).searchParams.get('state')).toBe('the-state');
  await expect(person.consent(url)).rejects.toThrow(/status 400/);

  const other = String((await requestsTo(as).register())['client_id']);
  const stolen = (await pushed(clientId)).url;
  stolen.searchParams.set('client_id', other);
  await expect(person.consent(stolen)).rejects.toThrow(/status 400/);

  as.behaviour.pushedRequestTtl = 0;
  await expect(person.consent((await pushed(clientId)).url)).rejects.toThrow(/status 400/);
});

test('where they are required nothing else is heard, and where there are none there is no endpoint', async () => {
  const clientId = String((await requestsTo(as).register())['client_id']);
  await expect(person.consent(authorizationUrl(as, clientId, newVerifier()))).rejects.toThrow(/status 400/);
  expect((await pushed(clientId, { redirect_uri: `${redirectUri}/other` })).status).toBe(400);
  expect((await pushed('unknown')).status).toBe(401);
  as.behaviour.pushedRequests = 'offered';
  await person.consent(authorizationUrl(as, clientId, newVerifier()));
  as.behaviour.pushedRequests = 'none';
  expect((await requestsTo(as).post('par', {})).status).toBe(404);
});
