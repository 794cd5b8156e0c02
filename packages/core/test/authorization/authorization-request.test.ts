import { expect, test } from '@jest/globals';
import { authorizationUrl, pushedAuthorizationUrl } from '../../src/authorization/authorization-url.js';
import { pastedCallback } from '../../src/authorization/pasted-callback.js';
import {
  checkedRedirectUri,
  listedRedirectUris,
  redirectUris,
} from '../../src/authorization/redirect-uris.js';
import { coversScope, selectScope } from '../../src/authorization/scope.js';
import { createPkce, createState, openState } from '../../src/authorization/state.js';
import type { Discovered } from '../../src/discovery/discovery.js';
import { MemoryTokenStore } from '../../src/in-memory/memory-token-store.js';
import { sha256 } from '../../src/session-key/digest.js';
import { StoreSecret } from '../../src/session-key/store-secret.js';

function discovered(resource?: readonly string[], server?: readonly string[]): Discovered {
  return {
    server: {
      issuer: 'https://as.example',
      authorization_endpoint: 'https://as.example/authorize',
      token_endpoint: 'https://as.example/token',
      client_id_metadata_document_supported: false,
      authorization_response_iss_parameter_supported: false,
      scopes_supported: server,
    },
    scopes_supported: resource,
  };
}

test.each([
  ['the host names some', { configured: ['x'] }, discovered(['r'], ['s']), 'x'],
  ['the challenge names some', { challenged: 'c d' }, discovered(['r'], ['s']), 'c d'],
  ['only the MCP server names some', {}, discovered(['r', 'q'], ['s']), 'r q'],
  ['only the authorization server names some', {}, discovered(undefined, ['s']), undefined],
  ['nobody names any', {}, discovered(), undefined],
  ['host and challenge name some', { configured: ['x'], challenged: 'c' }, discovered(['r']), 'x'],
  ['a step-up adds to what was granted', { stepUp: 'c', granted: 'a b' }, discovered(['r']), 'c a b'],
  [
    'a step-up adds to what the host names',
    { configured: ['x'], challenged: 'n', stepUp: 'c', granted: 'x a' },
    discovered(['r']),
    'x c a',
  ],
  ['names repeat', { stepUp: 'a a', granted: 'a b' }, discovered(), 'a b'],
  ['the host has an empty list', { configured: [] }, discovered(['r']), 'r'],
  [
    'the MCP server names what is no scope',
    {},
    discovered(['r', 'a b', '', 'q"', 'é', 'x'.repeat(300)]),
    'r',
  ],
  [
    'the host names some and offline_access is supported',
    { configured: ['x'] },
    discovered(['r'], ['offline_access']),
    'x',
  ],
  [
    'the host names offline_access',
    { configured: ['x', 'offline_access'] },
    discovered(['r'], ['s']),
    'x offline_access',
  ],
  ['only the MCP server lists offline_access', {}, discovered(['r', 'offline_access'], ['r']), 'r'],
  [
    'the MCP server lists offline_access and says nothing of its own',
    {},
    discovered(['offline_access']),
    undefined,
  ],
  [
    'the challenge names offline_access',
    { challenged: 'c offline_access' },
    discovered(['r'], ['r']),
    'c offline_access',
  ],
  [
    'offline_access is supported',
    { challenged: 'c' },
    discovered([], ['offline_access']),
    'c offline_access',
  ],
  ['offline_access is all there is', {}, discovered(undefined, ['offline_access']), 'offline_access'],
])('the scope where %s', (_, request, found, expected) => {
  expect(selectScope(request, found)).toBe(expected);
});

test.each([
  ['a b', 'a', true],
  ['a b', 'b a', true],
  ['a', undefined, true],
  [undefined, undefined, true],
  [undefined, 'a', false],
  ['ab', 'a', false],
])('%j covers %j: %s', (granted, wanted, expected) => {
  expect(coversScope(granted, wanted)).toBe(expected);
});

const request = {
  authorizationEndpoint: 'https://as.example/authorize',
  clientId: 'c',
  redirectUri: 'http://localhost:9876/callback',
  state: 's',
  codeChallenge: 'x',
  scope: undefined,
  resourceIndicator: undefined,
};

test('scope and resource are left out where there are none, and consent is asked for offline access only', () => {
  const plain = authorizationUrl(request).searchParams;
  for (const name of ['scope', 'resource', 'prompt']) expect(plain.has(name)).toBe(false);
  const offline = authorizationUrl({ ...request, scope: 'a offline_access' }).searchParams;
  expect(offline.get('prompt')).toBe('consent');
  expect(authorizationUrl({ ...request, scope: 'not_offline_access' }).searchParams.has('prompt')).toBe(
    false,
  );
});

test('A37: a resource that the server presets goes, also where we send none', () => {
  const authorizationEndpoint = `${request.authorizationEndpoint}?resource=https://victim.example&resource=b&scope=all`;
  const { searchParams } = authorizationUrl({ ...request, authorizationEndpoint });
  expect(searchParams.has('resource')).toBe(false);
  expect(searchParams.has('scope')).toBe(false);
});

test('a pushed request goes as client_id and request_uri alone, whatever the endpoint presets', () => {
  const authorizationEndpoint = `${request.authorizationEndpoint}?scope=all&redirect_uri=https://evil.example&state=k&tenant=a`;
  const url = pushedAuthorizationUrl({ ...request, authorizationEndpoint }, 'urn:example:1 2');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    tenant: 'a',
    client_id: 'c',
    request_uri: 'urn:example:1 2',
  });
});

const expected = { redirectUri: request.redirectUri, state: 'st', bareCodeAllowed: false };

test.each([
  ['the whole address', 'http://localhost:9876/callback?code=c&state=s', true],
  ['blanks around it', ' http://localhost:9876/callback?code=c \n', true],
  ['another port', 'http://localhost:9877/callback?code=c', false],
  ['another path', 'http://localhost:9876/other?code=c', false],
  ['another host', 'http://127.0.0.1:9876/callback?code=c', false],
  ['https', 'https://localhost:9876/callback?code=c', false],
  ['another scheme', 'javascript:alert(1)', false],
  ['a bare code', 'abcdef', false],
  ['nothing', '  ', false],
])('a paste of %s is read: %s', (_, text, ok) => {
  const pasted = pastedCallback(text, expected);
  expect(pasted instanceof URL).toBe(ok);
  if (!(pasted instanceof URL)) expect(pasted.problem).not.toContain('code=');
});

test('a bare code, where it may be, becomes the answer of this very flow', () => {
  const allowed = { ...expected, bareCodeAllowed: true };
  const pasted = pastedCallback(' abc/def+1 ', allowed);
  expect(pasted instanceof URL && Object.fromEntries(pasted.searchParams)).toEqual({
    code: 'abc/def+1',
    state: 'st',
  });
  for (const text of ['ab', 'two words', 'x'.repeat(2_049), 'tökén'])
    expect(pastedCallback(text, allowed)).toHaveProperty('problem');
});

test('a client that registers itself tries five ports and then any; all others keep to what is registered', () => {
  const five = [9876, 9877, 9878, 9879, 9880].map((port) => `http://localhost:${String(port)}/callback`);
  expect(redirectUris(true, undefined)).toEqual({ candidates: five, anyPort: true });
  expect(redirectUris(true, 4000)).toEqual({
    candidates: ['http://localhost:4000/callback'],
    anyPort: false,
  });
  expect(redirectUris(false, undefined)).toEqual({ candidates: five.slice(0, 1), anyPort: false });
});

test.each([0, -1, 65_536, 1.5, Number.NaN])('a callback port of %j is refused', (port) => {
  expect(() => redirectUris(true, port)).toThrow(/from 1 to 65535/);
});

test('a client with a document uses what it lists on this machine, in its order, and nothing else', () => {
  const here = ['http://127.0.0.1:7001/cb', 'http://localhost:7002/callback'];
  const listed = ['https://host.example/cb', ...here];
  expect(listedRedirectUris(listed, undefined)).toEqual({ candidates: here, anyPort: false });
  expect(listedRedirectUris(listed, 7002)).toEqual({ candidates: here.slice(1), anyPort: false });
  expect(() => listedRedirectUris(listed, 9876)).toThrow(/lists http:\/\/127\.0\.0\.1:7001\/cb, http/);
  expect(() => listedRedirectUris(listed.slice(0, 1), undefined)).toThrow(
    /lists none.*http:\/\/localhost:9876\/callback/,
  );
});

test.each([
  ['https://host.example', true],
  ['https://host.example/cb?x=1', true],
  ['http://localhost:9876/callback', true],
  ['http://[::1]:1/cb', true],
  ['http://host.example/cb', false],
  ['http://127.0.0.1.evil.example/cb', false],
  ['https://host.example/cb#', false],
  ['https://host.example/cb#x', false],
  ['https://u:p@host.example/cb', false],
  ['com.example.app:/cb', false],
  ['javascript:alert(1)', false],
  ['/callback', false],
  ['', false],
])('a host that names %j as redirect address is heard: %s', (uri, ok) => {
  if (ok) expect(checkedRedirectUri(uri, 'redirectUri')).toBe(uri);
  else expect(() => checkedRedirectUri(uri, 'redirectUri')).toThrow(/redirectUri/);
});

test('A63: no state or verifier repeats, neither names the partition, and Math.random has no part in them', async () => {
  const secret = new StoreSecret(new MemoryTokenStore());
  const partition = await secret.partition('alice');
  const random = Math.random;
  Math.random = () => 0;
  try {
    const states = await Promise.all(Array.from({ length: 500 }, () => createState(secret, partition)));
    expect(new Set(states.map(({ state }) => state)).size).toBe(500);
    expect(new Set(states.map(({ id }) => id)).size).toBe(500);
    // Sealed with a nonce of its own each time: what is equal in all of them must not show.
    expect(new Set(states.map(({ state }) => state.slice(16, 38))).size).toBe(500);
    const verifiers = await Promise.all(Array.from({ length: 500 }, () => createPkce()));
    expect(new Set(verifiers.map(({ codeVerifier }) => codeVerifier)).size).toBe(500);
    for (const { codeVerifier, codeChallenge } of verifiers) {
      expect(codeVerifier).toMatch(/^[A-Za-z0-9_-]{43,128}$/);
      expect(codeChallenge).toBe(await sha256(codeVerifier));
    }
  } finally {
    Math.random = random;
  }
});

test('A62: a state opens to its record with the secret that sealed it, and is nothing to any other', async () => {
  const secret = new StoreSecret(new MemoryTokenStore());
  const { state, partition, id } = await createState(secret, await secret.partition('alice'));
  expect(await openState(secret, state)).toEqual({ partition, id });
  expect(await openState(new StoreSecret(new MemoryTokenStore()), state)).toBeUndefined();
  const forged = Buffer.from(JSON.stringify({ partition, id })).toString('base64url');
  for (const wrong of ['', forged, `${state}A`, state.slice(1), `${state}=`, '!', 'A'.repeat(10_000)])
    expect(await openState(secret, wrong)).toBeUndefined();
});
