import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import { encrypted, keychainKeys } from '@mcp-oauth/storage-encrypted';
import { MemoryKeychain } from './support/memory-keychain.js';
import { at, bytes, key, put, storeErrorOf, textAt } from './support/stores.js';

const run = promisify(execFile);

test('makes one key at first use, and finds it again', async () => {
  const [inner, keychain] = [new MemoryTokenStore(), new MemoryKeychain()];
  await put(encrypted(inner, keychainKeys({ keychain })), 'value');
  expect(keychain.entries.size).toBe(1);
  expect(await textAt(encrypted(inner, keychainKeys({ keychain })))).toBe('value');
  expect(keychain.entries.size).toBe(1);
  const [secret] = keychain.entries.values();
  for (const { value } of await inner.list('storage-encrypted'))
    expect(new TextDecoder().decode(value)).not.toContain(secret);
});

test('those who begin at the same moment agree on one key, and leave no other in the keychain', async () => {
  const [inner, keychain] = [new MemoryTokenStore(), new MemoryKeychain()];
  const stores = Array.from({ length: 10 }, () => encrypted(inner, keychainKeys({ keychain })));
  await Promise.all(
    stores.map((store, index) => store.compareAndSet({ ...at, id: `id-${index}` }, null, bytes('value'))),
  );
  expect(keychain.entries.size).toBe(1);
  for (const store of stores) expect(await store.list(at.partition)).toHaveLength(10);
});

test('a keychain that lost the key makes no new one while the store knows of it', async () => {
  const [inner, keychain] = [new MemoryTokenStore(), new MemoryKeychain()];
  await put(encrypted(inner, keychainKeys({ keychain })), 'value');
  const [[id, secret] = ['', '']] = keychain.entries;
  keychain.entries.clear();
  const store = encrypted(inner, keychainKeys({ keychain, service: 'my-app' }));
  for (const work of [
    store.get(at),
    store.compareAndSet({ ...at, id: 'new' }, null, bytes('x')),
    store.check(),
  ]) {
    const { kind, message } = await storeErrorOf(work);
    expect(kind).toBe('key_unavailable');
    expect(message).toContain(`"${id}"`);
    expect(message).toContain('"my-app"');
  }
  expect(keychain.entries.size).toBe(0);
  keychain.entries.set(id, secret);
  expect(await textAt(store)).toBe('value');
});

test('a keychain that does not keep what it is given is found before anything is encrypted', async () => {
  const [inner, keychain] = [new MemoryTokenStore(), new MemoryKeychain()];
  keychain.forgetful = true;
  const store = encrypted(inner, keychainKeys({ keychain }));
  expect((await storeErrorOf(store.compareAndSet(at, null, bytes('x')))).kind).toBe('key_unavailable');
  expect(await inner.list('storage-encrypted')).toEqual([]);
  keychain.forgetful = false;
  await put(store, 'value');
  expect(keychain.entries.size).toBe(1);
});

test('an entry that somebody changed is told, and not shown', async () => {
  const [inner, keychain] = [new MemoryTokenStore(), new MemoryKeychain()];
  await put(encrypted(inner, keychainKeys({ keychain })), 'value');
  const [id = ''] = keychain.entries.keys();
  keychain.entries.set(id, 'the key of Ada');
  const changed = await storeErrorOf(encrypted(inner, keychainKeys({ keychain })).get(at));
  expect([changed.kind, changed.message]).toEqual(['key_unavailable', expect.not.stringContaining('Ada')]);
  keychain.entries.set(id, Buffer.from(key('other').key).toString('base64url'));
  expect((await storeErrorOf(encrypted(inner, keychainKeys({ keychain })).get(at))).kind).toBe(
    'key_unavailable',
  );
});

test('rotation adds a key, the older ones still read, and removing one names it', async () => {
  const [inner, keychain] = [new MemoryTokenStore(), new MemoryKeychain()];
  const source = keychainKeys({ keychain });
  await put(encrypted(inner, source), 'value');
  const [old = ''] = keychain.entries.keys();
  await source.rotate(inner);
  expect(keychain.entries.size).toBe(2);
  const store = encrypted(inner, source);
  expect(await textAt(store)).toBe('value');
  await put(store, 'newer', { ...at, id: 'other' });
  keychain.entries.delete(old);
  const later = encrypted(inner, source);
  expect(await textAt(later, { ...at, id: 'other' })).toBe('newer');
  expect((await storeErrorOf(later.get(at))).message).toContain(`"${old}"`);
});

test('rotating before the first use makes the first key, and rotating with a lost key is refused', async () => {
  const [inner, keychain] = [new MemoryTokenStore(), new MemoryKeychain()];
  const source = keychainKeys({ keychain });
  await source.rotate(inner);
  await put(encrypted(inner, source), 'value');
  expect(keychain.entries.size).toBe(1);
  keychain.entries.clear();
  expect((await storeErrorOf(source.rotate(inner))).kind).toBe('key_unavailable');
  expect(keychain.entries.size).toBe(0);
});

test('a damaged register is corrupt, and never a reason to make a new key', async () => {
  for (const text of [
    '',
    'null',
    '{}',
    '{"format":2,"keys":[{"id":"a"}]}',
    '{"format":1,"keys":[]}',
    '{"format":1,"keys":[{"id":"a b"}]}',
    '{"format":1,"keys":[{"id":"a","wrapped":1}]}',
    '\u00ff',
  ]) {
    const [inner, keychain] = [new MemoryTokenStore(), new MemoryKeychain()];
    await put(inner, Buffer.from(text, 'latin1'), { partition: 'storage-encrypted', id: 'keys' });
    const store = encrypted(inner, keychainKeys({ keychain }));
    expect([text, (await storeErrorOf(store.check())).kind]).toEqual([text, 'corrupt']);
    expect(keychain.entries.size).toBe(0);
  }
});

test('on Linux without a Secret Service the system keychain is refused, never the keyring of the kernel used', async () => {
  const worker = fileURLToPath(new URL('support/system-keychain.mjs', import.meta.url));
  const { PATH } = process.env;
  const { stdout } = await run(process.execPath, [worker], { env: { PATH } });
  const told = JSON.parse(stdout) as { kind: string; message: string };
  expect(told.kind).toBe('misconfigured');
  expect(told.message).toContain('Secret Service');
  expect(told.message).toContain('from a file or from the environment');
});
