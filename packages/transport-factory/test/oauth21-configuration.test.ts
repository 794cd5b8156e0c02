import { expect, test } from '@jest/globals';
import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import type { SessionSettings } from '@mcp-oauth/core';
import { createTransportFactory, parseMcpServers } from '@mcp-oauth/transport-factory';
import type { HttpServerConfig } from '@mcp-oauth/transport-factory';
import { generateKeyPairSync } from 'node:crypto';

const URL = 'https://mcp.example/mcp';
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim();
const SEC1 = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
const ENCRYPTED = privateKey
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p' })
  .toString();

function parse(oauth21: object, env: Record<string, string> = {}): HttpServerConfig {
  const json = { mcpServers: { github: { url: URL, auth: { type: 'oauth', oauth21 } } } };
  return parseMcpServers(json, { env }).mcpServers['github'] as HttpServerConfig;
}

/** What core is told of a server. */
function settingsOf(config: HttpServerConfig, address: object = {}): SessionSettings | undefined {
  const oauth = createOAuthClient({ store: new MemoryTokenStore(), client: { client_name: 'Test host' } });
  let told: SessionSettings | undefined;
  const session = oauth.session.bind(oauth);
  oauth.session = (key, settings) => {
    told = settings;
    return session(key, settings);
  };
  createTransportFactory({ oauth }).session(config, address);
  return told;
}

test('a client with a private key is read from the environment and reaches the session', () => {
  const oauth21 = {
    issuer: 'https://as.example/tenant',
    clientId: 'host',
    tokenEndpointAuthMethod: 'private_key_jwt',
    privateKey: '${KEY}',
    privateKeyId: 'key-1',
    privateKeyAlgorithm: 'ES256',
    grantType: 'client_credentials',
  };
  expect(settingsOf(parse(oauth21, { KEY: `${PEM}\n` }))).toMatchObject({
    issuer: 'https://as.example/tenant',
    clientId: 'host',
    tokenEndpointAuthMethod: 'private_key_jwt',
    privateKey: { key: PEM, kid: 'key-1', alg: 'ES256' },
    grant: { type: 'client_credentials' },
  });
});

test('a key may stand in one line, as variables do, with its line ends written out', () => {
  const config = parse({ clientId: 'host', privateKey: '${KEY}' }, { KEY: PEM.replaceAll('\n', '\\n') });
  expect(settingsOf(config)?.privateKey).toEqual({ key: PEM });
});

test('an issuer stays as it was written, since it is compared letter by letter', () => {
  expect(settingsOf(parse({ issuer: 'https://AS.example' }))?.issuer).toBe('https://AS.example');
});

test('empty keys that are meant to be filled in later count as absent', () => {
  const empty = { issuer: '', clientId: '', privateKey: '', privateKeyId: '', privateKeyAlgorithm: '' };
  expect(settingsOf(parse(empty))).toEqual({});
});

test('a host adds in code the grants that take its own functions', () => {
  const grant = { type: 'jwt_bearer', assertion: () => 'jwt' } as const;
  expect(settingsOf(parse({ clientId: 'host' }), { grant })).toMatchObject({ grant });
});

test('a grant in code that is another than the configured one is refused, and both are named', () => {
  const config = parse({ clientId: 'host', clientSecret: 's', grantType: 'client_credentials' });
  expect(settingsOf(config, { grant: { type: 'client_credentials' } })).toBeDefined();
  const grant = { type: 'jwt_bearer', assertion: () => 'jwt' } as const;
  expect(() => settingsOf(config, { grant })).toThrow(
    `${URL} is configured for the grantType client_credentials, and its host asks for the grant jwt_bearer.`,
  );
});

const METHODS = `expected 'none', 'client_secret_basic', 'client_secret_post' or 'private_key_jwt'`;
const NO_PEM = 'is no PKCS#8 PEM text (BEGIN PRIVATE KEY)';
const UNPROVEN = 'needs a client that can prove itself, by clientSecret or privateKey';

test.each<[string, object, string]>([
  ['an issuer that is no URL', { issuer: 'as' }, 'issuer: is no URL'],
  [
    'an issuer over plain http',
    { issuer: 'http://as.example' },
    'issuer: must be https; plain http is for this machine only',
  ],
  [
    'an issuer with a query',
    { issuer: 'https://as.example/?a=b' },
    'issuer: must have no query and no fragment',
  ],
  [
    'an unknown method',
    { clientId: 'a', tokenEndpointAuthMethod: 'mtls' },
    `tokenEndpointAuthMethod: ${METHODS}`,
  ],
  [
    'another grant type',
    { clientId: 'a', clientSecret: 's', grantType: 'password' },
    `grantType: expected 'client_credentials'`,
  ],
  ['a key of no client', { privateKey: PEM }, 'clientId: is missing beside privateKey'],
  [
    'a method of no client',
    { tokenEndpointAuthMethod: 'none' },
    'clientId: is missing beside tokenEndpointAuthMethod',
  ],
  [
    'a method without its key',
    { clientId: 'a', clientSecret: 's', tokenEndpointAuthMethod: 'private_key_jwt' },
    'privateKey: is missing beside private_key_jwt',
  ],
  [
    'a method without its secret',
    { clientId: 'a', privateKey: PEM, tokenEndpointAuthMethod: 'client_secret_post' },
    'clientSecret: is missing beside client_secret_post',
  ],
  [
    'the name of no key',
    { clientId: 'a', privateKeyId: 'key-1' },
    'privateKey: is missing beside privateKeyId',
  ],
  [
    'the algorithm of no key',
    { clientId: 'a', privateKeyAlgorithm: 'ES256' },
    'privateKey: is missing beside privateKeyAlgorithm',
  ],
  [
    'a machine that proves nothing',
    { clientId: 'a', grantType: 'client_credentials' },
    `grantType: ${UNPROVEN}`,
  ],
  [
    'a machine that is told to prove nothing',
    {
      clientId: 'a',
      clientSecret: 's',
      tokenEndpointAuthMethod: 'none',
      grantType: 'client_credentials',
    },
    `grantType: ${UNPROVEN}`,
  ],
  ['a key that is none', { clientId: 'a', privateKey: 'secret' }, `privateKey: ${NO_PEM}`],
  [
    'a key of another form',
    { clientId: 'a', privateKey: SEC1 },
    'privateKey: must be PKCS#8: convert it with `openssl pkcs8 -topk8 -nocrypt`',
  ],
  ['an encrypted key', { clientId: 'a', privateKey: ENCRYPTED }, 'privateKey: must not be encrypted'],
])(
  '%s is refused by a message that names server and key, and repeats no value',
  (_name, oauth21, message) => {
    expect(() => parse(oauth21)).toThrow(
      `The MCP configuration can't be used. mcpServers.github.auth.oauth21.${message}.`,
    );
  },
);

test('a machine without a client of its own is for core to judge, which knows the host', () => {
  const config = parse({ grantType: 'client_credentials' });
  expect(() => settingsOf(config)).toThrow(/needs a client that is registered/);
});
