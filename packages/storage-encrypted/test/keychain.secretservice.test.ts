import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { allFiles, freshDirectory } from './support/stores.js';

const run = promisify(execFile);
const worker = fileURLToPath(new URL('support/system-keychain.mjs', import.meta.url));

/** A session bus with a GNOME Keyring, unlocked with `password` unless that is null, in which `script` runs. */
async function inSession(home: string, password: string | null, script: string): Promise<string[]> {
  const unlock =
    password === null
      ? 'gnome-keyring-daemon --start --components=secrets'
      : `printf %s "${password}" | gnome-keyring-daemon --unlock --components=secrets`;
  mkdirSync(join(home, 'run'), { recursive: true });
  const { PATH } = process.env;
  const { stdout } = await run(
    'dbus-run-session',
    ['--', 'sh', '-c', `${unlock} >/dev/null 2>&1; ${script}`],
    {
      env: { PATH, HOME: home, XDG_DATA_HOME: join(home, 'data'), XDG_RUNTIME_DIR: join(home, 'run') },
      timeout: 12_000,
    },
  );
  return stdout.split('\n').filter((line) => line !== '');
}

const node = (directory: string, id: string) => `"${process.execPath}" "${worker}" "${directory}" ${id}`;

test('a key in the Secret Service outlives the session, and is on disk nowhere in the clear', async () => {
  const home = freshDirectory();
  const directory = join(home, 'store');
  expect(await inSession(home, 'pw', node(directory, 'one'))).toEqual(['{"ok":true,"read":["one"]}']);
  expect(await inSession(home, 'pw', node(directory, 'two'))).toEqual(['{"ok":true,"read":["one","two"]}']);
  expect(allFiles(join(home, 'data')).length).toBeGreaterThan(0);
});

test('processes that begin at the same moment agree on one key', async () => {
  const home = freshDirectory();
  const directory = join(home, 'store');
  const ids = ['a', 'b', 'c', 'd'];
  const together = ids.map((id) => `(${node(directory, id)}) &`).join(' ');
  const lines = await inSession(home, 'pw', `${together} wait; ${node(directory, 'last')}`);
  expect(lines).toHaveLength(5);
  expect(lines.slice(0, 4).filter((line) => line.includes('"ok":true'))).toHaveLength(4);
  expect(lines.at(-1)).toBe('{"ok":true,"read":["a","b","c","d","last"]}');
});

test('a locked keyring is key_unavailable, and nothing is made anew', async () => {
  const home = freshDirectory();
  const directory = join(home, 'store');
  await inSession(home, 'pw', node(directory, 'one'));
  const [line = ''] = await inSession(home, null, node(directory, 'two'));
  const told = JSON.parse(line) as { kind: string; message: string };
  expect(told.kind).toBe('key_unavailable');
  expect(told.message).toContain('Unlock it');
  expect(await inSession(home, 'pw', node(directory, 'three'))).toEqual([
    '{"ok":true,"read":["one","three"]}',
  ]);
});
