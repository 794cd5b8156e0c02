import { chownSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import {
  allPaths,
  bytes,
  filesWith,
  freshPath,
  freshStore,
  key,
  makeDirectory,
  put,
  textAt,
} from './support/places.js';
import { inProcess } from './support/processes.js';
import type { Step } from './support/processes.js';

const other = { ...key, id: 'other' };
const kept = { text: 'kept' };
const failure = (kind: string, cause: string, ...words: string[]) => ({
  name: 'StoreError',
  kind,
  cause,
  message: expect.stringMatching(new RegExp(words.join('.*'), 's')),
});

test('B07, B08: a full disk is an error of its kind, the stored record stays, and it works again with space', async () => {
  const mount = makeDirectory(freshPath(), 0o700);
  const directory = join(mount, 'store');
  const full = failure('full', 'ENOSPC', 'no space left', 'No stored record was lost');
  const answers = await inProcess(
    { directory, mounts: `mount -t tmpfs -o size=64k tmpfs ${mount}` },
    ['cas', key, null, 'kept'],
    ['fill', join(mount, 'filler')],
    ['cas', key, 'current', 'new'],
    ['cas', other, null, 'new'],
    ['get', key],
    ['list', key.partition],
    ['paths', join(directory, 'tmp')],
    ['check'],
    ['remove', join(mount, 'filler')],
    ['cas', key, 'current', 'new'],
    ['get', key],
  );
  expect(answers).toMatchObject([
    { ok: true },
    'ENOSPC',
    full,
    full,
    kept,
    [key.id],
    [],
    full,
    null,
    { ok: true },
    { text: 'new' },
  ]);
});

test('B10: a read-only file system is an error of its kind, and reading goes on', async () => {
  const mount = makeDirectory(freshPath(), 0o700);
  const directory = join(mount, 'store');
  const readOnly = failure('read_only', 'EROFS', 'read-only');
  const answers = await inProcess(
    { directory, mounts: `mount -t tmpfs tmpfs ${mount}` },
    ['cas', key, null, 'kept'],
    ['run', 'mount', '-o', 'remount,ro', mount],
    ['cas', key, 'current', 'new'],
    ['cas', key, 'current', null],
    ['cas', other, null, 'new'],
    ['purge', key.partition],
    ['check'],
    ['get', key],
    ['list', key.partition],
    ['run', 'mount', '-o', 'remount,rw', mount],
    ['cas', key, 'current', 'new'],
  );
  expect(answers.slice(2)).toMatchObject([
    ...Array.from({ length: 5 }, () => readOnly),
    kept,
    [key.id],
    null,
    { ok: true },
  ]);
});

test('B11: no more files to open is an error, never an absent record', async () => {
  const { store, directory } = freshStore();
  await put(store, 'kept');
  const unavailable = failure('unavailable', 'EMFILE', 'too many files are open');
  const answers = await inProcess(
    // Enough for the modules of the process itself, which are read side by side.
    { directory, mounts: 'ulimit -n 512' },
    ['exhaust', directory],
    ['get', key],
    ['get', other],
    ['list', key.partition],
    ['cas', other, null, 'new'],
  );
  expect(answers).toMatchObject(['EMFILE', ...Array.from({ length: 4 }, () => unavailable)]);
});

test('B11: a limit on file sizes is an error of its kind, and the stored record stays', async () => {
  const { store, directory } = freshStore();
  await put(store, 'kept');
  const answers = await inProcess(
    { directory, mounts: 'ulimit -f 4' },
    ['cas', key, 'current', 'x'.repeat(10_000)],
    ['get', key],
  );
  expect(answers).toMatchObject([failure('full', 'EFBIG', 'ulimit'), kept]);
});

test('B11: a draft that can not be synced is not committed', async () => {
  const { store, directory } = freshStore();
  await put(store, 'kept');
  const answers = await inProcess(
    { directory },
    ['fault', { at: 1, action: 'EIO', calls: ['sync'] }],
    ['cas', key, 'current', 'new'],
  );
  expect(answers.at(-1)).toMatchObject(failure('unavailable', 'EIO', 'health of the disk'));
  expect(await textAt(store)).toBe('kept');
  expect(filesWith(directory, 'new')).toEqual([]);
});

test('B06: a version is synced before it is committed, its name before the older one is emptied', async () => {
  const { directory } = freshStore();
  const watch: Step = ['fault', { at: 0, action: 'none', after: true }];
  const orders = await Promise.all([
    inProcess({ directory: freshPath() }, ['check'], watch, ['cas', key, null, 'one'], ['trace']),
    inProcess({ directory }, ['cas', key, null, 'one'], watch, ['cas', key, 'current', 'two'], ['trace']),
    inProcess(
      { directory: freshPath() },
      ['cas', key, null, 'one'],
      watch,
      ['purge', key.partition],
      ['trace'],
    ),
  ]);
  const draft = ['writeFile', 'sync'];
  expect(orders.map((answers) => answers.at(-1))).toEqual([
    [...draft, 'sync', 'link', 'sync', 'sync', 'rename', 'sync'],
    [...draft, 'link', 'sync', 'truncate'],
    ['rename', 'sync'],
  ]);
});

const old = 'the-old';
const writes: readonly [string, Step, (string | null)[]][] = [
  ['an update', ['cas', key, 'current', 'the-new'], [old, 'the-new']],
  ['a delete', ['cas', key, 'current', null], [old, null]],
  ['a first record', ['cas', other, null, 'the-new'], [null, 'the-new']],
  ['a purge', ['purge', key.partition], [old, null]],
];
for (const [what, step, allowed] of writes)
  test(`B11: whichever call to the file system fails, ${what} is done or rejects, and the store goes on`, async () => {
    const at = what === 'a first record' ? other : key;
    let rejected = 0;
    for (let nth = 1; ; nth++) {
      const { store, directory } = freshStore();
      await put(store, old);
      await put(store, old);
      const answers = await inProcess({ directory }, ['fault', { at: nth, action: 'EIO' }], step, ['faults']);
      if ((answers[2] as unknown[]).length === 0) break;
      const answer = answers[1] as { kind?: string } | null;
      const found = await textAt(store, at);
      if (answer?.kind === undefined) expect([nth, found]).toEqual([nth, allowed[1]]);
      else expect([nth, answer.kind, allowed.includes(found)]).toEqual([nth, 'unavailable', true]);
      if (answer?.kind !== undefined) rejected++;
      await put(store, 'the next', at);
      expect(await textAt(store, at)).toBe('the next');
    }
    expect(rejected).toBeGreaterThan(5);
  }, 120_000);

test('B09: a directory that this user may not use is an error of its kind, never an absent record', async () => {
  const { store, directory } = freshStore();
  await put(store, 'kept');
  const denied = failure('permission', 'EACCES', 'may not', 'owner or the mode');
  const answers = await inProcess(
    { directory },
    ['become', 65_534],
    ['get', key],
    ['cas', key, null, 'new'],
    ['check'],
  );
  expect(answers.slice(1)).toMatchObject([denied, denied, denied]);

  const own = makeDirectory(freshPath(), 0o700);
  chownSync(dirname(own), 65_534, 65_534);
  chownSync(own, 65_534, 65_534);
  const mine = await inProcess(
    { directory: join(own, 'store') },
    ['become', 65_534],
    ['cas', key, null, 'kept'],
    ['run', 'chmod', '000', join(own, 'store', 'records')],
    ['get', key],
    ['list', key.partition],
    ['cas', key, null, 'new'],
    ['run', 'chmod', '700', join(own, 'store', 'records')],
    ['get', key],
  );
  expect(mine.slice(3)).toMatchObject([denied, denied, denied, null, kept]);
});

test('B09: removed while in use, wholly or in part, the directory is made anew by the next write', async () => {
  for (const part of ['.', 'records', 'tmp']) {
    const { store, directory } = freshStore();
    const before = await put(store, 'before');
    rmSync(join(directory, part), { recursive: true });
    expect(await textAt(store)).toBe(part === 'tmp' ? 'before' : null);
    if (part !== 'tmp')
      expect(await store.compareAndSet(key, before, bytes('late'))).toEqual({ ok: false, current: null });
    await put(store, 'after');
    await put(store, 'after that');
    expect(await textAt(store)).toBe('after that');
    for (const path of [directory, ...allPaths(directory)]) {
      const stats = statSync(path);
      expect([path, stats.mode & 0o777]).toEqual([path, stats.isDirectory() ? 0o700 : 0o600]);
    }
    await store.purge(key.partition);
    rmSync(join(directory, part), { recursive: true });
    await store.purge(key.partition);
    await store.check();
  }
});

test('B09: without a home directory the error says what to set, and nobody counts as logged out', async () => {
  const gone = join(freshPath(), 'home');
  const missing = { name: 'StoreError', kind: 'misconfigured', message: expect.stringContaining(gone) };
  expect(
    await inProcess({ env: { HOME: gone } }, ['get', key], ['cas', key, null, 'x'], ['list', 'p']),
  ).toMatchObject([missing, missing, missing]);
  for (const HOME of ['', 'relative/home'])
    expect(await inProcess({ env: { HOME } }, ['get', key])).toMatchObject([
      { kind: 'misconfigured', message: expect.stringContaining('Set HOME') },
    ]);
  expect(() => new FileTokenStore({ directory: '' })).toThrow('empty');
});

test('without a directory given, the store lies in .mcp-oauth in the home directory', async () => {
  const home = freshPath();
  mkdirSync(home);
  await inProcess({ env: { HOME: home } }, ['cas', key, null, 'kept']);
  expect(await textAt(new FileTokenStore({ directory: join(home, '.mcp-oauth') }))).toBe('kept');
});

test('check passes where the store can work, and leaves nothing behind', async () => {
  const { store, directory } = freshStore();
  await store.check();
  await store.check();
  expect(allPaths(join(directory, 'tmp'))).toEqual([]);
});

test('B19: a place without hard links is misconfigured, and SQLite is offered', async () => {
  const { directory } = freshStore();
  // What FAT answers, and what a second file system inside the directory does.
  for (const action of ['EPERM', 'ENOTSUP', 'EXDEV'])
    for (const step of [['check'], ['cas', key, null, 'x']] as const)
      expect(
        (await inProcess({ directory }, ['fault', { at: 1, action, calls: ['link'] }], step)).at(-1),
      ).toMatchObject({ kind: 'misconfigured', message: expect.stringMatching(/hard links.*SQLite/) });
  const answers = await inProcess(
    { directory, mounts: `mount -t tmpfs -o mode=0700 tmpfs ${join(directory, 'tmp')}` },
    ['cas', key, null, 'x'],
    ['get', key],
  );
  expect(answers).toMatchObject([{ kind: 'misconfigured', cause: 'EXDEV' }, null]);
});

test('B19: check finds a file system that links or renames over what is there', async () => {
  for (const fault of [
    { at: 2, action: 'pretend', calls: ['link'] },
    { at: 1, action: 'pretend', calls: ['rename'] },
  ]) {
    const { directory } = freshStore();
    const answers = await inProcess({ directory }, ['fault', fault], ['check']);
    expect(answers.at(-1)).toMatchObject({
      kind: 'misconfigured',
      message: expect.stringContaining('SQLite'),
    });
  }
});
