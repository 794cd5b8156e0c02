import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { ProtocolFailure } from '../../src/protocol/protocol-failure.js';
import { PushedAuthorizationEndpoint } from '../../src/protocol/pushed-authorization-endpoint.js';
import { ClientKeyring } from '../../src/registration/client-keys.js';
import { ScriptedFetch } from '../scripted-fetch.js';

const ISSUER = 'https://as.example';
const endpoint = `${ISSUER}/par`;
const server = { issuer: ISSUER, token_endpoint: `${ISSUER}/token` };
const client = {
  client_id: 'client-1',
  client_secret: 'cnry-client-secret',
  token_endpoint_auth_method: 'client_secret_post',
};
const parameters = {
  response_type: 'code',
  client_id: 'client-1',
  state: 'cnry-state-of-the-flow',
  code_challenge: 'cnry-challenge',
};
const secrets = ['cnry-client-secret', 'cnry-state-of-the-flow', 'cnry-challenge', 'cnry-answer'];

async function pushed(answer: () => Response) {
  const fetch = new ScriptedFetch({ [endpoint]: answer });
  const par = new PushedAuthorizationEndpoint(fetch.http);
  const request = { server, endpoint, client, keys: new ClientKeyring().host, parameters, signal: undefined };
  const outcome: unknown = await par.push(request).catch((error: unknown) => error);
  return { outcome, sent: fetch.sent };
}

test('the whole request goes to the endpoint once, with the proof of the client', async () => {
  const { outcome, sent } = await pushed(() =>
    Response.json({ request_uri: 'urn:x', expires_in: 90 }, { status: 201 }),
  );
  expect(outcome).toEqual({ requestUri: 'urn:x', expiresIn: 90 });
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({ method: 'POST', url: endpoint });
  expect(Object.fromEntries(new URLSearchParams(sent[0]?.body))).toEqual({
    ...parameters,
    client_secret: 'cnry-client-secret',
  });
});

test.each([
  ['200', () => Response.json({ request_uri: 'urn:x', expires_in: 90 })],
  ['another content type', () => new Response('{"request_uri":"urn:x","expires_in":"90"}', { status: 201 })],
])('an answer with %s is taken', async (_, answer) => {
  expect((await pushed(answer)).outcome).toEqual({ requestUri: 'urn:x', expiresIn: 90 });
});

test('a request that the server keeps for ever is good for as long as a login is', async () => {
  const answer = () => Response.json({ request_uri: 'urn:x', expires_in: 1e300 }, { status: 201 });
  expect((await pushed(answer)).outcome).toEqual({ requestUri: 'urn:x', expiresIn: 600 });
});

const refused = (status: number, error: string) => () =>
  Response.json(
    { error, error_description: 'cnry-answer cnry-client-secret' },
    { status, headers: { 'www-authenticate': 'Basic realm="x"' } },
  );

test.each([
  ['a refused request', refused(400, 'invalid_request'), { kind: 'refused', error: 'invalid_request' }],
  ['a refused client', refused(401, 'invalid_client'), { kind: 'refused', error: 'invalid_client' }],
  ['an error that is none', refused(400, 'cnry-answer'), { kind: 'refused', error: 'unknown_error' }],
  ['no JSON', () => new Response('cnry-answer', { status: 201 }), { kind: 'unreadable' }],
  [
    'no request_uri',
    () => Response.json({ expires_in: 90, x: 'cnry-answer' }, { status: 201 }),
    { kind: 'malformed' },
  ],
  ['no end', () => Response.json({ request_uri: 'cnry-answer' }, { status: 201 }), { kind: 'malformed' }],
  [
    'an end that is over',
    () => Response.json({ request_uri: 'cnry-answer', expires_in: 0 }, { status: 201 }),
    { kind: 'malformed' },
  ],
] as const)('A83: %s is an error that holds nothing of request and answer', async (_, answer, expected) => {
  const { outcome } = await pushed(answer);
  expect(outcome).toBeInstanceOf(ProtocolFailure);
  expect(outcome).toMatchObject(expected);
  const shown = inspect(outcome, { depth: 9, showHidden: true }) + JSON.stringify(outcome);
  for (const secret of secrets) expect(shown).not.toContain(secret);
});

test.each([408, 429, 500, 503, 307])('an answer with status %i is trouble of the moment', async (status) => {
  const { outcome, sent } = await pushed(
    () => new Response('', { status, headers: { location: 'https://evil.example/', 'retry-after': '7' } }),
  );
  expect(outcome).toMatchObject({ code: 'transient', retryAfterMs: 7_000 });
  expect(sent).toHaveLength(1);
});
