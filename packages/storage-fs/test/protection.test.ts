import {
  chmodSync,
  chownSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import {
  allPaths,
  freshPath,
  freshStore,
  key,
  makeDirectory,
  newestFile,
  put,
  textAt,
} from './support/places.js';
import { inProcess, Worker } from './support/processes.js';

const mode = (path: string) => statSync(path).mode & 0o777;
const nobody = 65_534;

test('A97: under any umask, directories are 0700 and files 0600', async () => {
  for (const umask of [0o000, 0o022, 0o077]) {
    const directory = freshPath();
    await inProcess(
      { directory },
      ['umask', umask],
      ['cas', key, null, 'one'],
      ['cas', key, 'current', 'two'],
      ['cas', { ...key, id: 'other' }, null, 'three'],
      ['check'],
    );
    for (const path of [directory, ...allPaths(directory)])
      expect([path, mode(path)]).toEqual([path, statSync(path).isDirectory() ? 0o700 : 0o600]);
  }
});

test('A97: under any umask, nothing is open to others even before a write is committed', async () => {
  const kill = { at: 1, action: 'kill', calls: ['rename'] };
  for (const before of [['get', key], ['check']] as const) {
    const directory = freshPath();
    const worker = new Worker([['umask', 0], before, ['fault', kill], ['cas', key, null, 'one']], {
      directory,
    });
    expect(await worker.end()).toMatchObject({ killed: true });
    const paths = [directory, ...allPaths(directory)];
    expect(paths.length).toBeGreaterThan(6);
    for (const path of paths)
      expect([path, mode(path)]).toEqual([path, statSync(path).isDirectory() ? 0o700 : 0o600]);
  }
});

test('A97: directories and files that were open to others are closed', async () => {
  const { store, directory } = freshStore();
  await put(store, 'one');
  const file = newestFile(directory);
  const loose = [directory, join(directory, 'records'), join(directory, 'tmp')];
  loose.forEach((path) => chmodSync(path, 0o755));
  chmodSync(file, 0o644);
  expect(await textAt(new FileTokenStore({ directory }))).toBe('one');
  expect([...loose, file].map(mode)).toEqual([0o700, 0o700, 0o700, 0o600]);

  const existing = makeDirectory(freshPath(), 0o755);
  chmodSync(existing, 0o777);
  await put(new FileTokenStore({ directory: existing }), 'one');
  expect(mode(existing)).toBe(0o700);
});

test("A97: another user's directory or file is refused, not read and not changed", async () => {
  for (const part of ['.', 'records', 'tmp']) {
    const { store, directory } = freshStore();
    await put(store, 'theirs');
    const path = join(directory, part);
    chownSync(path, nobody, nobody);
    chmodSync(path, 0o755);
    const refused = {
      kind: 'permission',
      message: expect.stringMatching(/belongs to user 65534.*runs as user 0/),
    };
    const fresh = new FileTokenStore({ directory });
    await expect(fresh.get(key)).rejects.toMatchObject(refused);
    await expect(fresh.compareAndSet(key, null, new Uint8Array())).rejects.toMatchObject(refused);
    await expect(fresh.check()).rejects.toMatchObject(refused);
    expect(mode(path)).toBe(0o755);
  }
  const { store, directory } = freshStore();
  const version = await put(store, 'planted');
  chownSync(newestFile(directory), nobody, nobody);
  const refused = { kind: 'permission', message: expect.stringContaining(newestFile(directory)) };
  await expect(store.get(key)).rejects.toMatchObject(refused);
  await expect(store.list(key.partition)).rejects.toMatchObject(refused);
  await expect(store.compareAndSet(key, version, null)).rejects.toMatchObject(refused);
});

test('A98: the directory may be a link that this user made to a directory of theirs', async () => {
  const volume = makeDirectory(freshPath(), 0o755);
  const directory = `${volume}-link`;
  symlinkSync(volume, directory);
  await put(new FileTokenStore({ directory }), 'on the volume');
  expect(await textAt(new FileTokenStore({ directory: volume }))).toBe('on the volume');
  expect([lstatSync(directory).isSymbolicLink(), mode(volume)]).toEqual([true, 0o700]);
});

test('A98: a link to a volume that is not there is an error, and never an absent record', async () => {
  const volume = makeDirectory(freshPath(), 0o700);
  const directory = `${volume}-link`;
  symlinkSync(volume, directory);
  const store = new FileTokenStore({ directory });
  await put(store, 'on the volume');
  renameSync(volume, `${volume}-away`);
  const unavailable = {
    kind: 'unavailable',
    message: expect.stringContaining('is a link to a place that is not there'),
  };
  for (const each of [store, new FileTokenStore({ directory })]) {
    await expect(each.get(key)).rejects.toMatchObject(unavailable);
    await expect(each.list(key.partition)).rejects.toMatchObject(unavailable);
    await expect(each.compareAndSet(key, null, new Uint8Array())).rejects.toMatchObject(unavailable);
  }
  renameSync(`${volume}-away`, volume);
  expect(await textAt(store)).toBe('on the volume');
});

test("A98: a link that is another user's, or leads to another user's directory, is refused", async () => {
  const volume = makeDirectory(freshPath(), 0o700);
  const theirLink = `${volume}-link`;
  symlinkSync(volume, theirLink);
  lchownSync(theirLink, nobody, nobody);
  const theirs = makeDirectory(freshPath(), 0o700);
  chownSync(theirs, nobody, nobody);
  const toTheirs = `${theirs}-link`;
  symlinkSync(theirs, toTheirs);
  for (const directory of [theirLink, toTheirs])
    await expect(new FileTokenStore({ directory }).check()).rejects.toMatchObject({ kind: 'permission' });
  expect(allPaths(theirs)).toEqual([]);
});

test('A98: links inside the directory are not followed for writing', async () => {
  for (const part of ['records', 'tmp', 'partition']) {
    const { store, directory } = freshStore();
    await put(store, 'one');
    const path =
      part === 'partition' ? dirname(dirname(dirname(newestFile(directory)))) : join(directory, part);
    const victim = makeDirectory(freshPath(), 0o755);
    rmSync(path, { recursive: true });
    symlinkSync(victim, path);
    await expect(put(new FileTokenStore({ directory }), 'two')).rejects.toMatchObject({
      kind: 'misconfigured',
    });
    expect([allPaths(victim), mode(victim)]).toEqual([[], 0o755]);
  }
});

test('A98: a link in the place of a version is not followed, whether symbolic or hard', async () => {
  for (const makeLink of [symlinkSync, linkSync]) {
    const { store, directory } = freshStore();
    const version = await put(store, 'one');
    const newest = newestFile(directory);
    const victim = `${directory}-victim`;
    writeFileSync(victim, 'do not touch', { mode: 0o644 });
    const planted = join(dirname(newest), '2');
    makeLink(victim, planted);
    const corrupt = { kind: 'corrupt', message: expect.stringContaining(planted) };
    await expect(store.get(key)).rejects.toMatchObject(corrupt);
    await expect(store.compareAndSet(key, version, new Uint8Array())).rejects.toMatchObject(corrupt);
    rmSync(planted);

    await put(store, 'two');
    rmSync(newest);
    makeLink(victim, newest);
    for (let write = 0; write < 20; write++) await put(store, `write ${write}`);
    const last = await store.get(key);
    makeLink(victim, join(directory, 'tmp', 'mine'));
    await store.compareAndSet(key, last!.version, null);
    await store.purge(key.partition);
    expect([readFileSync(victim, 'utf8'), mode(victim)]).toEqual(['do not touch', 0o644]);
  }
});

test('A98: a link is not followed even where it leads to the very bytes of the version', async () => {
  const { store, directory } = freshStore();
  await put(store, 'one');
  const newest = newestFile(directory);
  renameSync(newest, `${directory}-moved`);
  symlinkSync(`${directory}-moved`, newest);
  await expect(store.get(key)).rejects.toMatchObject({ kind: 'corrupt' });
});

test('A98: a link in the place of a whole record is an error, and what it leads to is not changed', async () => {
  const { store, directory } = freshStore();
  await put(store, 'one');
  const life = dirname(newestFile(directory));
  const elsewhere = `${directory}-elsewhere`;
  renameSync(life, elsewhere);
  symlinkSync(elsewhere, life);
  await expect(store.get(key)).rejects.toMatchObject({ kind: 'corrupt' });
  await store.purge(key.partition);
  expect(allPaths(elsewhere).map((path) => basename(path))).toEqual(['1']);
});

test('something that is no directory in the place of the directory is misconfigured', async () => {
  const directory = freshPath();
  writeFileSync(directory, 'a file');
  const store = new FileTokenStore({ directory });
  for (const call of [store.check(), put(store, 'one')])
    await expect(call).rejects.toMatchObject({ code: 'store_failed' });
  expect(readFileSync(directory, 'utf8')).toBe('a file');

  const parent = join(freshPath(), 'missing');
  const message = expect.stringContaining(`${dirname(parent)} is not a directory`);
  await expect(new FileTokenStore({ directory: parent }).get(key)).rejects.toMatchObject({
    kind: 'misconfigured',
    message,
  });
  mkdirSync(dirname(parent));
  expect(await new FileTokenStore({ directory: parent }).get(key)).toBeNull();
});
