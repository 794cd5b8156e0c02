import { expect, test } from '@jest/globals';
import { createOAuthClient } from '@mcp-oauth/core';
import { MemoryTokenStore } from '../../src/in-memory/memory-token-store.js';
import { toBase64Url } from '../../src/session-key/digest.js';
import { canonicalResource, checkedOwner, sessionKeyId } from '../../src/session-key/session-key.js';
import type { Owner } from '../../src/session-key/session-key.js';
import { StoreSecret } from '../../src/session-key/store-secret.js';

test.each([
  ['https://MCP.Example/mcp', 'https://mcp.example/mcp'],
  ['https://mcp.example', 'https://mcp.example'],
  ['https://mcp.example/', 'https://mcp.example'],
  ['https://mcp.example:443/mcp', 'https://mcp.example/mcp'],
  ['https://mcp.example/mcp/', 'https://mcp.example/mcp/'],
  ['https://mcp.example/mcp#part', 'https://mcp.example/mcp'],
  ['https://mcp.example/?tenant=1', 'https://mcp.example/?tenant=1'],
  ['http://localhost:3000/mcp', 'http://localhost:3000/mcp'],
])('the canonical address of %s is %s', (given, canonical) => {
  expect(canonicalResource(given)).toBe(canonical);
  expect(canonicalResource(canonical)).toBe(canonical);
});

test.each([
  '',
  'mcp',
  'file:///etc/passwd',
  'http://mcp.example/mcp',
  'https://u:p@mcp.example/',
  'javascript:x',
])('%j is no address of an MCP server', (given) => {
  expect(() => canonicalResource(given)).toThrow(expect.objectContaining({ code: 'unsafe_url' }));
});

const owners: readonly (Owner | undefined)[] = [
  undefined,
  'a',
  'a:b',
  'b',
  '1:a',
  'A',
  'a\u0000',
  '__proto__',
  '../../etc/x',
  '\u00e9',
  'e\u0301',
  { tenant: 'a', user: 'b' },
  { tenant: 'a:b', user: 'c' },
  { tenant: 'a', user: 'b:c' },
  { tenant: 'ab', user: 'c' },
  { tenant: 'a', user: 'bc' },
  { tenant: '1', user: ':a' },
];

test('A95: no two owners, servers or profiles share a key, whatever is in their names', async () => {
  const ids = owners.flatMap((owner) =>
    ['https://h/a', 'https://h/b'].flatMap((resource) =>
      ['p', 'q', 'https://h/ap'].map((profile) => sessionKeyId({ owner, resource, profile })),
    ),
  );
  expect(new Set(ids).size).toBe(ids.length);
  const secret = new StoreSecret(new MemoryTokenStore());
  const partitions = await Promise.all(
    owners.map(async (owner) => toBase64Url(await secret.partition(owner))),
  );
  expect(new Set(partitions).size).toBe(owners.length);
  for (const partition of partitions) expect(partition).toMatch(/^[A-Za-z0-9_-]{22}$/);
});

test('the same owner has the same partition in every process of one store, and another in another store', async () => {
  const store = new MemoryTokenStore();
  const name = async (kept: MemoryTokenStore, secret?: Uint8Array) =>
    toBase64Url(await new StoreSecret(kept, secret).partition('alice'));
  const [one, two] = await Promise.all([name(store), name(store)]);
  expect(one).toBe(two);
  expect(await name(new MemoryTokenStore())).not.toBe(one);
  const given = new Uint8Array(32).fill(7);
  expect(await name(new MemoryTokenStore(), given)).toBe(await name(new MemoryTokenStore(), given));
});

test('a sealed text opens with the same secret only, and not when a bit of it is changed', async () => {
  const secret = new StoreSecret(new MemoryTokenStore());
  const plain = new Uint8Array([1, 2, 3]);
  const sealed = new Uint8Array(await secret.seal(plain));
  expect(await secret.unseal(sealed)).toEqual(plain);
  expect(await new StoreSecret(new MemoryTokenStore()).unseal(sealed)).toBeUndefined();
  for (let i = 0; i < sealed.length; i++) {
    const changed = sealed.slice();
    changed[i] = (changed[i] ?? 0) ^ 1;
    expect(await secret.unseal(changed)).toBeUndefined();
  }
  expect(await secret.unseal(new Uint8Array())).toBeUndefined();
});

test.each<Owner>(['', 'x'.repeat(1_025), { tenant: '', user: 'a' }, { tenant: 'a', user: '' }])(
  '%j names nobody',
  (owner) => {
    expect(() => checkedOwner(owner)).toThrow(expect.objectContaining({ code: 'invalid_config' }));
  },
);

test('an owner is required where there are many, and refused where there is one', () => {
  const options = { store: new MemoryTokenStore(), client: { client_name: 'Host' } };
  const resource = 'https://mcp.example/mcp';
  const refused = expect.objectContaining({ code: 'invalid_config' });
  const many = createOAuthClient({ ...options, owners: 'many', fetch });
  // @ts-expect-error -- the types refuse it too
  expect(() => many.session({ resource })).toThrow(refused);
  // @ts-expect-error -- the types refuse it too
  expect(() => createOAuthClient({ ...options, owners: 'many' })).toThrow(refused);
  const single = createOAuthClient(options);
  // @ts-expect-error -- the types refuse it too
  expect(() => single.session({ resource, owner: 'alice' })).toThrow(refused);
  expect(() => single.session({ resource, profile: '' })).toThrow(refused);
  expect(() => createOAuthClient({ ...options, secret: new Uint8Array(31) })).toThrow(refused);
});
