import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { MemoryTokenStore, StoreError } from '@mcp-oauth/core';
import { encrypted, fileKeys } from '@mcp-oauth/storage-encrypted';
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { createKeyFile } from '../src/key-sources/key-file.js';
import { at, freshDirectory, key, put, storeErrorOf, textAt } from './support/stores.js';

const line = (id: string) => `${id}:${Buffer.from(key(id).key).toString('base64')}\n`;
const freshPath = () => join(freshDirectory(), 'keys');
const mode = (path: string) => statSync(path).mode & 0o777;
const load = (path: string) => fileKeys(path).load(new MemoryTokenStore());

test('reads keys, newest first, and closes the file to others', async () => {
  const path = freshPath();
  writeFileSync(path, line('new') + line('old'), { mode: 0o644 });
  chmodSync(path, 0o644);
  expect((await load(path)).ids).toEqual(['new', 'old']);
  expect(mode(path)).toBe(0o600);
});

test('a missing file is key_unavailable and names the path; it is made only where that was asked for', async () => {
  const path = freshPath();
  const { kind, message } = await storeErrorOf(load(path));
  expect([kind, message]).toEqual(['key_unavailable', expect.stringContaining(path)]);
  expect(readdirSync(dirname(path))).toEqual([]);
});

test('makes the file with mode 0600, once, and leaves no draft', async () => {
  const path = freshPath();
  const inner = new MemoryTokenStore();
  await put(encrypted(inner, fileKeys(path, { create: true })), 'value');
  expect(mode(path)).toBe(0o600);
  expect(readdirSync(dirname(path))).toEqual(['keys']);
  const text = readFileSync(path, 'utf8');
  expect(await textAt(encrypted(inner, fileKeys(path, { create: true })))).toBe('value');
  expect(await textAt(encrypted(inner, fileKeys(path)))).toBe('value');
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('a lost file is not replaced while the store was encrypted with it, before any record is read', async () => {
  const path = freshPath();
  const inner = new MemoryTokenStore();
  await put(encrypted(inner, fileKeys(path, { create: true })), 'value');
  const [id] = readFileSync(path, 'utf8').split(':');
  const kept = readFileSync(path);
  rmSync(path);
  const store = encrypted(inner, fileKeys(path, { create: true }));
  const { kind, message } = await storeErrorOf(
    store.compareAndSet({ ...at, id: 'new' }, null, new Uint8Array()),
  );
  expect([kind, message]).toEqual(['key_unavailable', expect.stringContaining(`"${id}"`)]);
  expect(readdirSync(dirname(path))).toEqual([]);
  writeFileSync(path, kept);
  expect(await textAt(store)).toBe('value');
});

test('a lost file that existed before the store did is not replaced either', async () => {
  const path = freshPath();
  writeFileSync(path, line('mine'));
  const inner = new MemoryTokenStore();
  await put(encrypted(inner, fileKeys(path, { create: true })), 'value');
  rmSync(path);
  const { message } = await storeErrorOf(
    put(encrypted(inner, fileKeys(path, { create: true })), 'x', { ...at, id: 'b' }),
  );
  expect(message).toContain('"mine"');
});

test('processes that begin at the same moment agree on one key file', async () => {
  const directory = join(freshDirectory(), 'store');
  const path = freshPath();
  const ids = Array.from({ length: 8 }, (_, index) => `id-${index}`);
  const worker = fileURLToPath(new URL('support/create-key-file.mjs', import.meta.url));
  const children = ids.map((id) =>
    spawn(process.execPath, [worker, directory, path, id], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  await Promise.all(children.map((child) => once(child.stdout, 'data')));
  const ends = children.map(async (child) => {
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stdin.end();
    const [code] = (await once(child, 'close')) as [number];
    return `${said.trim()} ${code}`;
  });
  expect(await Promise.all(ends)).toEqual(ids.map(() => 'true 0'));
  expect(readdirSync(dirname(path))).toEqual(['keys']);
  const store = encrypted(new FileTokenStore({ directory }), fileKeys(path));
  expect((await store.list('owner_1')).map(({ id }) => id)).toEqual(ids);
});

test('a file that is there by the time it is made stays as it is', async () => {
  const path = freshPath();
  await createKeyFile(path, line('first'));
  await createKeyFile(path, line('second'));
  expect(readFileSync(path, 'utf8')).toBe(line('first'));
  expect(readdirSync(dirname(path))).toEqual(['keys']);
});

test('a process that looks for the file just before another makes and registers it takes the one that was made', async () => {
  const path = freshPath();
  const inner = new MemoryTokenStore();
  const get = inner.get.bind(inner);
  inner.get = async (place) => {
    inner.get = get;
    // The file was not there. Before the register is read, somebody else goes all the way.
    await put(encrypted(inner, fileKeys(path, { create: true })), 'value');
    return get(place);
  };
  expect((await fileKeys(path, { create: true }).load(inner)).ids).toHaveLength(1);
  expect(await textAt(encrypted(inner, fileKeys(path)))).toBe('value');
});

test("another user's file is refused, but not root's, which others can not write to", async () => {
  const path = freshPath();
  writeFileSync(path, line('one'), { mode: 0o600 });
  chownSync(path, 65_534, 65_534);
  expect((await storeErrorOf(load(path))).kind).toBe('permission');
  // Being root here, the other way round is tried from a process of another user.
  chownSync(path, 0, 0);
  chmodSync(dirname(path), 0o755);
  const asNobody = async (fileMode: number) => {
    chmodSync(path, fileMode);
    const user = process.geteuid;
    process.geteuid = () => 65_534;
    try {
      return (await load(path)).ids.join();
    } catch (error) {
      if (error instanceof StoreError) return error.kind;
      throw error;
    } finally {
      if (user) process.geteuid = user;
    }
  };
  expect(await asNobody(0o444)).toBe('one');
  expect(await asNobody(0o464)).toBe('permission');
  expect(mode(path)).toBe(0o464);
});

test('follows a link, as mounted secrets are', async () => {
  const path = freshPath();
  writeFileSync(`${path}-target`, line('one'));
  symlinkSync(`${path}-target`, path);
  expect((await load(path)).ids).toEqual(['one']);
});

test('a directory, a file that is too long, and a missing directory are told by path', async () => {
  const path = freshPath();
  mkdirSync(`${path}-directory`);
  writeFileSync(`${path}-long`, line('one').repeat(1_000));
  const cases = [
    [() => load(`${path}-directory`), 'misconfigured'],
    [() => load(`${path}-long`), 'misconfigured'],
    [() => fileKeys(`${path}/no/keys`, { create: true }).load(new MemoryTokenStore()), 'key_unavailable'],
  ] as const;
  for (const [work, kind] of cases) {
    const failed = await storeErrorOf(work());
    expect([failed.kind, failed.message]).toEqual([kind, expect.stringContaining(path)]);
  }
});

test('a file without keys is told by path and position, and no byte of it is shown', async () => {
  const path = freshPath();
  writeFileSync(path, `${line('one')}two:the key of Ada\n`);
  const { kind, message } = await storeErrorOf(load(path));
  expect([kind, message]).toEqual(['misconfigured', expect.stringContaining(path)]);
  expect(message).toContain('Entry 2');
  expect(message).not.toContain('Ada');
});
