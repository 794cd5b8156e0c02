import { expect, test } from '@jest/globals';
import type { ClientInformation } from '../../src/credentials/credentials.js';
import { ClientAuthentication } from '../../src/protocol/client-authentication.js';
import { ClientKeys } from '../../src/registration/client-keys.js';

const server = { issuer: 'https://as.example', token_endpoint: 'https://as.example/token' };

async function authenticated(client: ClientInformation, methods?: readonly string[]) {
  const headers = new Headers();
  const body = new URLSearchParams();
  const pinned = { ...server, token_endpoint_auth_methods_supported: methods };
  const authentication = await new ClientAuthentication(new ClientKeys()).of(client, pinned);
  await authentication(server, { client_id: client.client_id }, body, headers);
  const basic = /^Basic (.+)$/.exec(headers.get('authorization') ?? '')?.[1];
  return {
    basic: basic && Buffer.from(basic, 'base64').toString('utf8'),
    body: Object.fromEntries(body),
  };
}

test.each([
  ['plain-ID_1.2~3', 'plain-ID_1.2~3'],
  ['a b', 'a+b'],
  ['a:b', 'a%3Ab'],
  ['a+b', 'a%2Bb'],
  ['a%b', 'a%25b'],
  ['a&b=c', 'a%26b%3Dc'],
  ['ä€𝄞', '%C3%A4%E2%82%AC%F0%9D%84%9E'],
  ["!'()*", "!'()*"],
])(
  'Basic authentication encodes %j as a form does, and unreserved characters not at all',
  async (text, encoded) => {
    const client = {
      client_id: text,
      client_secret: text,
      token_endpoint_auth_method: 'client_secret_basic',
    };
    expect(await authenticated(client)).toEqual({ basic: `${encoded}:${encoded}`, body: {} });
    expect(new URLSearchParams(`v=${encoded}`).get('v')).toBe(text);
  },
);

test('client_secret_post puts both into the body', async () => {
  const client = { client_id: 'c', client_secret: 's', token_endpoint_auth_method: 'client_secret_post' };
  expect(await authenticated(client)).toEqual({
    basic: undefined,
    body: { client_id: 'c', client_secret: 's' },
  });
});

test('a client without a secret only names itself, and one registered for none keeps its secret', async () => {
  expect(await authenticated({ client_id: 'c' })).toEqual({ basic: undefined, body: { client_id: 'c' } });
  const client = { client_id: 'c', client_secret: 's', token_endpoint_auth_method: 'none' };
  expect(await authenticated(client)).toEqual({ basic: undefined, body: { client_id: 'c' } });
});

test.each([
  [undefined, 'basic'],
  [['client_secret_post', 'client_secret_basic'], 'basic'],
  [['client_secret_post'], 'post'],
  [['private_key_jwt'], 'basic'],
])('where nothing was registered, a server that supports %j gets %s', async (methods, expected) => {
  const { basic, body } = await authenticated({ client_id: 'c', client_secret: 's' }, methods);
  expect(basic === undefined ? 'post' : 'basic').toBe(expected);
  expect('client_secret' in body).toBe(expected === 'post');
});

test('a method that is not supported is an error that names it, and not the secret', async () => {
  const client = {
    client_id: 'c',
    client_secret: 'very-secret',
    token_endpoint_auth_method: 'tls_client_auth',
  };
  await expect(authenticated(client)).rejects.toThrow(/tls_client_auth/);
  await expect(authenticated(client)).rejects.not.toThrow(/very-secret/);
});
