import { expect, test } from '@jest/globals';
import { registrationRequest } from '../../src/registration/dynamic-registration.js';
import { register } from '../../src/registration/registration-attempt.js';
import { ScriptedFetch } from '../scripted-fetch.js';

const ISSUER = 'https://as.example';
const target = { issuer: ISSUER, registration_endpoint: `${ISSUER}/register` };
const server = {
  issuer: ISSUER,
  token_endpoint: `${ISSUER}/token`,
  device_authorization_endpoint: `${ISSUER}/device_authorization`,
  client_id_metadata_document_supported: false,
  authorization_response_iss_parameter_supported: false,
};
const HERE = 'http://localhost:9876/callback';
const WEB = 'https://host.example/callback';
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';

const request = (uris: readonly string[], at: typeof server = server) =>
  registrationRequest({ client_name: 'Test host' }, uris, at);

const refusal = (error: string, error_description?: string) => () =>
  Response.json({ error, error_description }, { status: 400 });

/** Registers natively; these answers come one after the other, and then a registration. */
async function attempt(...answers: readonly (() => Response)[]) {
  let count = 0;
  const fetch = new ScriptedFetch({
    [target.registration_endpoint]: () =>
      answers[count++]?.() ?? Response.json({ client_id: 'client-1' }, { status: 201 }),
  });
  const outcome: unknown = await register(fetch.http, target, request([HERE])).catch(
    (error: unknown) => error,
  );
  const asked = fetch.sent.map(({ body }) => JSON.parse(body) as ReturnType<typeof request>);
  return {
    outcome,
    asked: asked.map(({ grant_types, application_type }) => [application_type, grant_types.length]),
  };
}

test('a native client is registered for logins on another device where the server has them, one of the web is not', () => {
  expect(request([HERE]).grant_types).toEqual(['authorization_code', 'refresh_token', DEVICE]);
  expect(request([WEB]).grant_types).not.toContain(DEVICE);
  const { device_authorization_endpoint: _, ...other } = server;
  expect(request([HERE], other as typeof server).grant_types).not.toContain(DEVICE);
});

test.each([
  ['invalid_client_metadata', undefined],
  ['invalid_client_metadata', 'grant_types has a value that is not allowed'],
  ['invalid_client_metadata', 'the device grant is for approved clients'],
  ['unsupported_grant_type', undefined],
])('a server that gives nobody the device grant (%s, %j) is asked without it, once', async (error, words) => {
  const { outcome, asked } = await attempt(refusal(error, words));
  expect(outcome).toMatchObject({ client_id: 'client-1' });
  expect(asked).toEqual([
    ['native', 3],
    ['native', 2],
  ]);
  expect((await attempt(refusal(error, words), refusal(error, words))).asked).toHaveLength(2);
});

test.each([
  ['access_denied', undefined, 1],
  ['invalid_software_statement', undefined, 1],
  ['invalid_redirect_uri', undefined, 2],
  ['invalid_client_metadata', 'application_type must be web', 2],
])('%s (%j) is not about that: it is asked %i times, each time with it', async (error, words, count) => {
  const { asked } = await attempt(refusal(error, words));
  expect(asked).toHaveLength(count);
  for (const [, grants] of asked) expect(grants).toBe(3);
});

test('a server that wants neither our type nor that grant gets a registration that it takes', async () => {
  const { outcome, asked } = await attempt(
    refusal('invalid_client_metadata', 'unknown grant'),
    refusal('invalid_redirect_uri'),
  );
  expect(outcome).toMatchObject({ client_id: 'client-1' });
  expect(asked).toEqual([
    ['native', 3],
    ['native', 2],
    ['web', 2],
  ]);
});
