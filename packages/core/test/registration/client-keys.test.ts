import { expect, test } from '@jest/globals';
import type { Owner } from '@mcp-oauth/core';
import { ClientKeyring } from '../../src/registration/client-keys.js';
import { es256Key } from '../machine-login/machine-server.js';

const ISSUER = 'https://as.example';
const key = { key: await es256Key() };

function ring() {
  const keyring = new ClientKeyring({ clientId: 'host', key });
  return {
    has: (owner: Owner | undefined, clientId = 'c') => keyring.of(owner).find(clientId, ISSUER) !== undefined,
    give: (owner: Owner, clientId = 'c') => {
      keyring.add(keyring.order(), owner, { clientId, issuer: ISSUER }, key);
    },
  };
}

test('of very many owners those whose keys were not used for the longest time lose theirs, and the host never', () => {
  const { has, give } = ring();
  for (const owner of ['kept', 'left']) give(owner);
  expect(has('kept')).toBe(true);
  for (let i = 0; i < 49_999; i++) give(`owner-${String(i)}`);
  expect([has('left'), has('kept'), has('kept', 'host')]).toEqual([false, true, true]);
});

test('an owner with very many clients pushes out no key of another', () => {
  const { has, give } = ring();
  give('ann');
  for (let i = 0; i < 10_000; i++) give('mallory', `client-${String(i)}`);
  expect(has('mallory', 'client-0')).toBe(true);
  give('mallory', 'one-more');
  expect([has('mallory', 'client-1'), has('mallory', 'client-0'), has('ann')]).toEqual([false, true, true]);
});

test('a tenant and its user are another owner than a person whose name looks like both', () => {
  const { has, give } = ring();
  give({ tenant: 'a', user: 'b' });
  for (const owner of ['ab', '1:a1:b', { tenant: 'ab', user: '' }, { tenant: 'b', user: 'a' }, undefined])
    expect(has(owner)).toBe(false);
  expect(has({ tenant: 'a', user: 'b' })).toBe(true);
});
