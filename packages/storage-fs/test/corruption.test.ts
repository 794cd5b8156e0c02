import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { FileTokenStore } from '@mcp-oauth/storage-fs';
import { allPaths, bytes, filesWith, freshStore, key, newestFile, put, textAt } from './support/places.js';

const secret = 'the-secret-value';

/** Every way to use the record tells of the trouble, names the file, and leaves the bytes alone. */
async function expectCorrupt(store: FileTokenStore, path: string, kind = 'corrupt'): Promise<void> {
  for (const call of [
    () => store.get(key),
    () => store.list(key.partition),
    () => store.compareAndSet(key, null, bytes('x')),
    () => store.compareAndSet(key, null, null),
  ]) {
    const error: unknown = await call().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'store_failed', kind, message: expect.stringContaining(path) });
    expect(String(error)).not.toContain(secret);
  }
}

async function damaged(change: (path: string, intact: Buffer) => void): Promise<string> {
  const { store, directory } = freshStore();
  await put(store, secret);
  const path = newestFile(directory);
  change(path, readFileSync(path));
  await expectCorrupt(store, path);
  return path;
}

test('B13, B14: a file that was cut at any byte is corrupt, never absent and never half a value', async () => {
  const { store, directory } = freshStore();
  await put(store, secret);
  const path = newestFile(directory);
  const intact = readFileSync(path);
  for (let length = 0; length < intact.length; length++) {
    const cut = intact.subarray(0, length);
    writeFileSync(path, cut);
    await expectCorrupt(store, path);
    expect(readFileSync(path).equals(cut)).toBe(true);
  }
  writeFileSync(path, intact);
  expect(await textAt(store)).toBe(secret);
}, 60_000);

test('B15: a file with any bit flipped is corrupt', async () => {
  const { store, directory } = freshStore();
  await put(store, secret);
  const path = newestFile(directory);
  const intact = readFileSync(path);
  for (let bit = 0; bit < intact.length * 8; bit++) {
    const flipped = Buffer.from(intact);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    writeFileSync(path, flipped);
    const error: unknown = await store.get(key).catch((thrown: unknown) => thrown);
    expect([bit, error]).toEqual([bit, expect.objectContaining({ kind: 'corrupt' })]);
  }
}, 60_000);

test('B15: other bytes in the place of a version are corrupt', async () => {
  const changes: ((intact: Buffer) => Buffer | string)[] = [
    (intact) => Buffer.alloc(intact.length),
    (intact) => Buffer.from(intact.toString('latin1'), 'utf16le'),
    (intact) => Buffer.concat([intact, Buffer.from('\n')]),
    (intact) => intact.toString('latin1').replaceAll('\n', '\r\n'),
    () => '{"__proto__":{"access_token":"EVIL"}}',
    () => 'x'.repeat(60_000),
  ];
  for (const change of changes) await damaged((path, intact) => writeFileSync(path, change(intact)));
});

test('B15: a directory, a named pipe, a device or a huge file is neither waited for nor read', async () => {
  await damaged((path) => {
    rmSync(path);
    mkdirSync(path);
  });
  for (const args of [['mkfifo'], ['mknod', '-m', '600', '%', 'c', '1', '5']])
    await damaged((path) => {
      rmSync(path);
      const [command = '', ...rest] = args;
      execFileSync(command, rest.length === 0 ? [path] : rest.map((arg) => (arg === '%' ? path : arg)));
    });
  await damaged((path) => truncateSync(path, 2 ** 36));
});

/** A file with a checksum that fits. */
function forged(header: string, format = 'mcp-oauth-record 1'): string {
  const body = `${format}\n${header}\nvalue`;
  return `${createHash('sha256').update(body).digest('hex')} ${body}`;
}

test('A99: a header that is no header of the store is corrupt, whatever its checksum', async () => {
  const right = { ...key, version: 'v', previous: null, expiresAt: null, deleted: false };
  const headers: unknown[] = [
    null,
    [],
    'text',
    7,
    {},
    { ...right, version: 7 },
    { ...right, expiresAt: '1' },
  ];
  headers.push({ ...right, deleted: 1 }, { ...right, previous: 1 }, { ...right, partition: undefined });
  const texts = headers.map((header) => JSON.stringify(header));
  texts.push(
    '',
    '{',
    '\xff',
    '{"__proto__":{"version":"v","deleted":false}}',
    JSON.stringify(right).slice(0, -1),
  );
  for (const text of texts) await damaged((path) => writeFileSync(path, forged(text), 'latin1'));

  const { store, directory } = freshStore();
  await put(store, secret);
  writeFileSync(
    newestFile(directory),
    forged(JSON.stringify({ ...right, ['__proto__']: { deleted: true } })),
  );
  expect(await textAt(store)).toBe('value');
});

test('a file of a later format is an error of its kind, and says to update', async () => {
  const { store, directory } = freshStore();
  await put(store, secret);
  const path = newestFile(directory);
  writeFileSync(path, forged('{}', 'mcp-oauth-record 2'));
  await expectCorrupt(store, path, 'schema');
  expect(await store.repair()).toEqual([]);
});

test("a file that was moved there from another record or another owner's is corrupt", async () => {
  for (const from of [
    { ...key, id: 'credentials-2' },
    { ...key, id: key.id.toUpperCase() },
    { ...key, partition: 'owner_2' },
  ]) {
    const { store, directory } = freshStore();
    await put(store, 'of another', from);
    const foreign = newestFile(directory);
    const kept = readFileSync(foreign);
    rmSync(foreign);
    await store.purge(from.partition);
    await put(store, secret);
    const path = newestFile(directory);
    writeFileSync(path, kept);
    await expectCorrupt(store, path);
  }
});

test('a record whose files are gone, or that is there twice, is corrupt', async () => {
  const { store, directory } = freshStore();
  await put(store, secret);
  const path = newestFile(directory);
  cpSync(dirname(path), join(dirname(dirname(path)), '0123456789abcdef'), { recursive: true });
  await expectCorrupt(store, dirname(dirname(path)));
  rmSync(join(dirname(dirname(path)), '0123456789abcdef'), { recursive: true });
  rmSync(path);
  await expectCorrupt(store, dirname(path));
});

test('repair moves what is corrupt aside, says where, and leaves the rest; then a login can begin', async () => {
  const { store, directory } = freshStore();
  await put(store, secret);
  const path = newestFile(directory);
  await put(store, 'fine', { ...key, id: 'other' });
  await put(store, 'fine', { ...key, partition: 'owner_2' });
  expect(await store.repair()).toEqual([]);
  writeFileSync(path, `damaged ${secret}`);
  await expect(store.get(key)).rejects.toMatchObject({ message: expect.stringContaining('repair()') });
  const moved = await store.repair();
  expect(moved).toHaveLength(1);
  expect(filesWith(directory, secret)).toEqual(filesWith(moved[0]!, secret));
  expect(moved[0]).toContain(join(directory, 'corrupt'));

  expect(await store.get(key)).toBeNull();
  await put(store, 'a new login');
  expect((await store.list(key.partition)).map(({ id }) => id)).toEqual([key.id, 'other']);
  await store.purge(key.partition);
  expect(filesWith(directory, secret)).toEqual([]);
  expect(await textAt(store, { ...key, partition: 'owner_2' })).toBe('fine');
});

test('moving the record away by hand, as the message says, is enough', async () => {
  const { store, directory } = freshStore();
  await put(store, secret);
  truncateSync(newestFile(directory), 10);
  const error = (await store.get(key).catch((thrown: unknown) => thrown)) as Error;
  const record = / move (.*) away/.exec(error.message)?.[1];
  renameSync(record!, `${directory}-aside`);
  expect(await store.get(key)).toBeNull();
  await put(store, 'a new login');
});

test('a purge clears what is corrupt, so that a logout works', async () => {
  const { store, directory } = freshStore();
  await put(store, secret);
  writeFileSync(newestFile(directory), 'damaged');
  await store.purge(key.partition);
  expect(await store.get(key)).toBeNull();
  await put(store, 'a new login');
});

test('a corrupt record does not disturb its neighbours', async () => {
  const { store, directory } = freshStore();
  await put(store, secret);
  const path = newestFile(directory);
  writeFileSync(path, 'damaged');
  for (let count = 0; count < 20; count++) await put(store, 'fine', { ...key, id: `other-${count}` });
  expect(await textAt(store, { ...key, id: 'other-7' })).toBe('fine');
  expect(readFileSync(path, 'utf8')).toBe('damaged');
});

test("files of others are left alone, and only what stands in a record's own place is named", async () => {
  const { store, directory } = freshStore();
  await put(store, secret);
  const record = dirname(dirname(newestFile(directory)));
  const foreign = [
    join(directory, 'mcp-remote-0.1.0', '0123456789abcdef_tokens.json'),
    join(directory, 'tokens.json'),
    join(directory, 'tmp', 'draft'),
    join(directory, 'records', '.DS_Store'),
    join(dirname(record), 'README'),
    join(record, '.DS_Store'),
    join(dirname(newestFile(directory)), '01'),
  ];
  mkdirSync(dirname(foreign[0]!));
  foreign.forEach((path) => writeFileSync(path, 'of somebody else'));
  await put(store, 'two');
  expect(await textAt(store)).toBe('two');
  expect(await store.list(key.partition)).toHaveLength(1);
  await store.compareAndSet(key, (await store.get(key))!.version, null);
  await expect(put(store, 'three')).rejects.toMatchObject({
    kind: 'corrupt',
    message: expect.stringContaining(join(record, '.DS_Store')),
  });
  expect(foreign.slice(0, 6).map((path) => readFileSync(path, 'utf8'))).toEqual(
    Array.from({ length: 6 }, () => 'of somebody else'),
  );
});

test('a file in the place of a record or of a partition is corrupt, and repair moves it aside', async () => {
  for (const level of [2, 3]) {
    const { store, directory } = freshStore();
    await put(store, secret);
    let place = newestFile(directory);
    for (let up = 0; up < level; up++) place = dirname(place);
    rmSync(place, { recursive: true });
    writeFileSync(place, 'of somebody else');
    await expect(store.get(key)).rejects.toMatchObject({ kind: 'corrupt' });
    await expect(store.list(key.partition)).rejects.toMatchObject({ kind: 'corrupt' });
    await expect(store.compareAndSet(key, null, bytes('x'))).rejects.toMatchObject({ kind: 'corrupt' });
    expect(await store.repair()).toHaveLength(1);
    await put(store, 'a new login');
    expect(
      allPaths(join(directory, 'corrupt')).some((path) => filesWith(dirname(path), 'of somebody').length > 0),
    ).toBe(true);
  }
});
