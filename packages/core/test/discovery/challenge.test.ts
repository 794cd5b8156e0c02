import { expect, test } from '@jest/globals';
import { challengeOf } from '../../src/discovery/challenge.js';
import type { Challenge } from '../../src/discovery/challenge.js';

function challenged(header: string | undefined): Promise<Challenge> {
  return challengeOf(
    new Response(null, { status: 401, headers: header === undefined ? {} : { 'www-authenticate': header } }),
  );
}

const RM = 'https://mcp.example/meta';

test.each<readonly [string, string, Challenge]>([
  [
    'all parameters',
    `Bearer error="invalid_token", scope="a b", resource_metadata="${RM}"`,
    { error: 'invalid_token', scope: 'a b', resource_metadata: RM },
  ],
  ['another case of the scheme', `bearer resource_metadata="${RM}"`, { resource_metadata: RM }],
  [
    'A81: a Basic challenge first',
    `Basic realm="x", Bearer resource_metadata="${RM}"`,
    { resource_metadata: RM },
  ],
  [
    'A81: a DPoP challenge first',
    `DPoP algs="ES256", Bearer scope="a"`,
    { scope: 'a', dpop: { algs: ['ES256'], isOnly: false } },
  ],
  [
    'A81: a DPoP challenge after a bare Bearer one',
    `Bearer, DPoP algs="ES256 PS256", resource_metadata="${RM}"`,
    { resource_metadata: RM, dpop: { algs: ['ES256', 'PS256'], isOnly: false } },
  ],
  ['a DPoP challenge alone', 'DPoP scope="a"', { scope: 'a', dpop: { isOnly: true } }],
  [
    'A81: a Bearer challenge beside a DPoP challenge that says what is wrong',
    `Bearer scope="x", DPoP error="use_dpop_nonce", scope="a"`,
    { error: 'use_dpop_nonce', scope: 'a', dpop: { isOnly: false } },
  ],
  [
    'a DPoP address without quotes',
    `DPoP resource_metadata=${RM}, algs="ES256"`,
    { resource_metadata: RM, dpop: { isOnly: false } },
  ],
  ['A81: a Bearer challenge first', `Bearer scope="a", Basic realm="x, scope=b"`, { scope: 'a' }],
  ['A79: a realm that looks like a scope', `Bearer realm="x scope=admin", scope="read"`, { scope: 'read' }],
  [
    'A79: a realm that looks like a challenge',
    `Bearer realm="Bearer scope=\\"admin\\"", scope="read"`,
    { scope: 'read' },
  ],
  ['A79: a scope that is none', 'Bearer scope="a\\"b"', {}],
  ['A79: a scope with two blanks', 'Bearer scope="a  b"', {}],
  ['tokens without quotes', 'Bearer error=invalid_token, scope=a', { error: 'invalid_token', scope: 'a' }],
  ['an address without quotes', `Bearer resource_metadata=${RM}, scope=a`, { resource_metadata: RM }],
  ['no parameters', 'Bearer', {}],
  ['no Bearer challenge', 'Basic realm="x"', {}],
  ['nonsense', '"""', {}],
  ['an empty header', '', {}],
])('a challenge with %s is read', async (_, header, expected) => {
  const challenge = await challenged(header);
  expect(challenge).toEqual(expected);
});

test('a response without a challenge has none', async () => {
  expect(await challenged(undefined)).toEqual({});
});

test('A79: a scope of more than 64 names is none', async () => {
  const names = Array.from({ length: 64 }, (_, i) => `s${String(i)}`);
  expect(await challenged(`Bearer scope="${names.join(' ')}"`)).toMatchObject({ scope: names.join(' ') });
  expect((await challenged(`Bearer scope="${names.join(' ')} more"`)).scope).toBeUndefined();
});

test.each(['', ' a', 'a ', 'a\tb', 'ä', 'a\\"b', 'a\\\\b'])('A79: %j is no scope', async (scope) => {
  expect((await challenged(`Bearer scope="${scope}", error="x"`)).scope).toBeUndefined();
});
