import { expect, test } from '@jest/globals';
import { ClientKeyring } from '../../src/registration/client-keys.js';
import { es256Key } from '../machine-login/machine-server.js';

const ISSUER = 'https://as.example';

test('of very many keys those that were not used for the longest time go, and never that of the host', async () => {
  const key = { key: await es256Key() };
  const keyring = new ClientKeyring({ clientId: 'host', key });
  const [kept, left] = [keyring.of('kept'), keyring.of('left')];
  for (const owner of ['kept', 'left']) keyring.add(owner, 'c', ISSUER, key);
  expect(kept.find('c', ISSUER)).toBeDefined();
  for (let i = 0; i < 9_999; i++) keyring.add(`owner-${String(i)}`, 'c', ISSUER, key);
  expect(left.find('c', ISSUER)).toBeUndefined();
  expect(kept.find('c', ISSUER)).toBeDefined();
  expect(kept.find('host', ISSUER)).toBeDefined();
});

test('a tenant and its user are another owner than a person whose name looks like both', async () => {
  const keyring = new ClientKeyring();
  keyring.add({ tenant: 'a', user: 'b' }, 'c', ISSUER, { key: await es256Key() });
  for (const owner of ['ab', '1:a1:b', { tenant: 'ab', user: '' }, { tenant: 'b', user: 'a' }, undefined])
    expect(keyring.of(owner).find('c', ISSUER)).toBeUndefined();
  expect(keyring.of({ tenant: 'a', user: 'b' }).find('c', ISSUER)).toBeDefined();
});
