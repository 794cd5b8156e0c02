import { expect, test } from '@jest/globals';
import { register } from '../../src/registration/registration-attempt.js';
import { registrationRequest } from '../../src/registration/dynamic-registration.js';
import { ScriptedFetch } from '../scripted-fetch.js';

const ISSUER = 'https://as.example';
const target = { issuer: ISSUER, registration_endpoint: `${ISSUER}/register` };
const server = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  client_id_metadata_document_supported: false,
  authorization_response_iss_parameter_supported: false,
};
const HERE = 'http://localhost:9876/callback';
const WEB = 'https://host.example/callback';

const refusal = (error: string, error_description?: string) =>
  Response.json({ error, error_description }, { status: 400 });
const registered = () => Response.json({ client_id: 'client-1' }, { status: 201 });

async function attempt(uri: string, ...answers: readonly (() => Response)[]) {
  let count = 0;
  const fetch = new ScriptedFetch({
    [target.registration_endpoint]: () => answers[count++]?.() ?? registered(),
  });
  const request = registrationRequest({ client_name: 'Test host' }, [uri], server);
  const outcome: unknown = await register(fetch.http, target, request).catch((error: unknown) => error);
  const types = fetch.sent.map(
    ({ body }) => (JSON.parse(body) as { application_type: string }).application_type,
  );
  return { outcome, types };
}

test.each([
  [HERE, ['native', 'web']],
  [WEB, ['web', 'native']],
])(
  'a server that refuses %s for one application_type is asked with the other, once',
  async (uri, expected) => {
    const { outcome, types } = await attempt(uri, () => refusal('invalid_redirect_uri'));
    expect(outcome).toMatchObject({ client_id: 'client-1' });
    expect(types).toEqual(expected);
  },
);

test.each([
  ['invalid_client_metadata', 'application_type must be web', 2],
  ['invalid_client_metadata', 'redirect_uris for native clients …', 2],
  ['invalid_client_metadata', 'client_name is taken', 1],
  ['invalid_client_metadata', undefined, 1],
  ['invalid_software_statement', 'about the application_type', 1],
  ['unapproved_software_statement', undefined, 1],
])('after %s (%j) it is asked %i times', async (error, words, count) => {
  const { types } = await attempt(HERE, () => refusal(error, words));
  expect(types).toHaveLength(count);
});

test('a server that refuses both says so in an error that helps', async () => {
  const { outcome, types } = await attempt(
    HERE,
    () => refusal('invalid_redirect_uri', 'No loopback here'),
    () => refusal('invalid_redirect_uri', 'second words'),
  );
  expect(types).toEqual(['native', 'web']);
  expect(outcome).toMatchObject({
    code: 'registration_failed',
    issuer: ISSUER,
    error: 'invalid_redirect_uri',
  });
  const { message } = outcome as Error;
  for (const text of [ISSUER, 'No loopback here', HERE, 'native and as a web', 'configure its clientId'])
    expect(message).toContain(text);
});

test('trouble at the second attempt is trouble, and says nothing about the first', async () => {
  const { outcome } = await attempt(
    HERE,
    () => refusal('invalid_redirect_uri'),
    () => new Response('', { status: 503 }),
  );
  expect(outcome).toMatchObject({ code: 'transient' });
});

test('a server without a registration that works says what a person can do', async () => {
  const { outcome, types } = await attempt(HERE, () => new Response('<html>', { status: 404 }));
  expect(types).toHaveLength(1);
  expect((outcome as Error).message).toMatch(
    /status 404.*register this client there by hand and configure its clientId/,
  );
});
