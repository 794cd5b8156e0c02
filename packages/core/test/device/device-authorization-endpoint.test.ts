import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { DeviceAuthorizationEndpoint } from '../../src/protocol/device-authorization-endpoint.js';
import { ProtocolFailure } from '../../src/protocol/protocol-failure.js';
import { ClientKeyring } from '../../src/registration/client-keys.js';
import { ScriptedFetch } from '../scripted-fetch.js';

const ISSUER = 'https://as.example';
const endpoint = `${ISSUER}/device_authorization`;
const server = { issuer: ISSUER, token_endpoint: `${ISSUER}/token` };
const client = {
  client_id: 'client-1',
  client_secret: 'cnry-client-secret',
  token_endpoint_auth_method: 'client_secret_post',
};
const answer = {
  device_code: 'cnry-device-code',
  user_code: 'WDJB-MJHT',
  verification_uri: `${ISSUER}/device`,
  expires_in: 1_800,
};
const read = {
  deviceCode: 'cnry-device-code',
  userCode: 'WDJB-MJHT',
  verificationUri: `${ISSUER}/device`,
  verificationUriComplete: undefined,
  expiresIn: 1_800,
  interval: undefined,
};

async function authorized(response: () => Response) {
  const fetch = new ScriptedFetch({ [endpoint]: response });
  const device = new DeviceAuthorizationEndpoint(fetch.http);
  const outcome: unknown = await device
    .authorize({
      server,
      endpoint,
      client,
      keys: new ClientKeyring().host,
      scope: 'read write',
      resourceIndicator: 'https://mcp.example/mcp',
      signal: new AbortController().signal,
    })
    .catch((error: unknown) => error);
  return { outcome, sent: fetch.sent };
}

test('asks once, with the scope, the resource and the proof of the client', async () => {
  const { outcome, sent } = await authorized(() => Response.json(answer));
  expect(outcome).toEqual(read);
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({ method: 'POST', url: endpoint });
  expect(Object.fromEntries(new URLSearchParams(sent[0]?.body))).toEqual({
    client_id: 'client-1',
    client_secret: 'cnry-client-secret',
    scope: 'read write',
    resource: 'https://mcp.example/mcp',
  });
});

test.each<readonly [string, object, object]>([
  ['an interval', { interval: 7 }, { interval: 7 }],
  ['an interval as text', { interval: '7' }, { interval: 7 }],
  ['an interval of 0', { interval: 0 }, {}],
  ['a negative interval', { interval: -1 }, {}],
  ['an interval that is no number', { interval: 'x' }, {}],
  ['an endless interval', { interval: 'Infinity' }, {}],
  ['an interval of null', { interval: null }, {}],
  ['an interval of an hour', { interval: 3_600 }, { interval: 3_600 }],
  ['a lifetime as text', { expires_in: '60' }, { expiresIn: 60 }],
  ['no lifetime', { expires_in: undefined }, { expiresIn: 900 }],
  ['a lifetime of 0', { expires_in: 0 }, { expiresIn: 900 }],
  ['a negative lifetime', { expires_in: -5 }, { expiresIn: 900 }],
  ['a lifetime that is no number', { expires_in: {} }, { expiresIn: 900 }],
  ['a lifetime of ages', { expires_in: 1e12 }, { expiresIn: 1e12 }],
  [
    'the names of a draft',
    {
      verification_uri: undefined,
      verification_url: `${ISSUER}/old`,
      verification_url_complete: `${ISSUER}/o?c`,
    },
    { verificationUri: `${ISSUER}/old`, verificationUriComplete: `${ISSUER}/o?c` },
  ],
  [
    'a complete address',
    { verification_uri_complete: `${ISSUER}/device?c` },
    { verificationUriComplete: `${ISSUER}/device?c` },
  ],
])('A66: %s is read as what it can only mean', async (_, members, expected) => {
  const { outcome } = await authorized(() => Response.json({ ...answer, ...members }));
  expect(outcome).toEqual({ ...read, ...expected });
});

const refused = (status: number, error: string) => () =>
  Response.json({ ...answer, error, error_description: 'cnry-device-code' }, { status });

test.each<readonly [string, () => Response, object]>([
  [
    'a refused client',
    refused(401, 'invalid_client'),
    { kind: 'refused', error: 'invalid_client', status: 401 },
  ],
  [
    'an error inside a 200',
    refused(200, 'unauthorized_client'),
    { kind: 'refused', error: 'unauthorized_client' },
  ],
  ['a page', () => new Response('<h1>cnry-device-code</h1>'), { kind: 'unreadable' }],
  ['no device code', () => Response.json({ ...answer, device_code: undefined }), { kind: 'malformed' }],
  ['an empty device code', () => Response.json({ ...answer, device_code: '' }), { kind: 'malformed' }],
  ['no user code', () => Response.json({ ...answer, user_code: undefined }), { kind: 'malformed' }],
  ['a user code that is no text', () => Response.json({ ...answer, user_code: 1234 }), { kind: 'malformed' }],
  ['no address', () => Response.json({ ...answer, verification_uri: undefined }), { kind: 'malformed' }],
  [
    'a device code of 20 kB',
    () => Response.json({ ...answer, device_code: 'cnry-device-code'.repeat(1_280) }),
    { kind: 'malformed' },
  ],
])('A83: %s fails without a secret in the error', async (_, response, expected) => {
  const { outcome } = await authorized(response);
  expect(outcome).toBeInstanceOf(ProtocolFailure);
  expect(outcome).toMatchObject(expected);
  const views = [inspect(outcome, { depth: 9, showHidden: true }), JSON.stringify(outcome)];
  for (const view of views) expect(view).not.toMatch(/cnry/);
});

test('a server in trouble, and a redirect, say nothing about the request', async () => {
  for (const response of [
    () => new Response('', { status: 503 }),
    () => new Response('', { status: 307, headers: { location: 'https://evil.example/' } }),
  ]) {
    const { outcome, sent } = await authorized(response);
    expect(outcome).toMatchObject({ code: 'transient' });
    expect(sent).toHaveLength(1);
  }
});
