import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, test } from '@jest/globals';
import { findOnPath, whyNobodyWouldSee } from '../../src/browser/surroundings.js';

const ssh = { SSH_CONNECTION: '192.0.2.1 50000 192.0.2.2 22', SSH_TTY: '/dev/pts/0' };
const display = { DISPLAY: ':0' };
const wayland = { WAYLAND_DISPLAY: 'wayland-0' };
const helper = { BROWSER: '/home/a/.vscode-server/bin/helpers/browser.sh' };

test.each<[string, NodeJS.Platform, NodeJS.ProcessEnv, string | undefined]>([
  ['a Linux desktop', 'linux', display, undefined],
  ['a Wayland desktop', 'linux', wayland, undefined],
  ['a headless box', 'linux', {}, 'there is no display'],
  ['an empty DISPLAY', 'linux', { DISPLAY: '', WAYLAND_DISPLAY: '' }, 'there is no display'],
  ['an SSH session', 'linux', ssh, 'this is an SSH session without a display'],
  ['an SSH session with a forwarded display', 'linux', { ...ssh, DISPLAY: 'localhost:10.0' }, undefined],
  ['an editor that opens pages where the person is', 'linux', { ...ssh, ...helper }, undefined],
  ['a browser for text alone', 'linux', { BROWSER: '/usr/bin/lynx' }, 'there is no display'],
  ['a list of browsers for text', 'linux', { BROWSER: 'w3m %s:lynx' }, 'there is no display'],
  ['FreeBSD without a display', 'freebsd', {}, 'there is no display'],
  ['macOS', 'darwin', {}, undefined],
  ['macOS over SSH', 'darwin', ssh, 'this is an SSH session'],
  ['Windows', 'win32', {}, undefined],
  ['Windows over SSH', 'win32', { SSH_CONNECTION: 'x' }, 'this is an SSH session'],
  ['CI with a display', 'linux', { ...display, CI: 'true' }, 'this runs in CI'],
  ['CI on macOS', 'darwin', { CI: '1' }, 'this runs in CI'],
  ['CI that is off', 'darwin', { CI: 'false' }, undefined],
])('B71: on %s (%s)', (_, platform, env, reason) => {
  expect(whyNobodyWouldSee({ platform, env, wsl: false })).toBe(reason);
});

test('Linux inside Windows needs no display, but somebody in front of it', () => {
  expect(whyNobodyWouldSee({ platform: 'linux', env: {}, wsl: true })).toBeUndefined();
  expect(whyNobodyWouldSee({ platform: 'linux', env: ssh, wsl: true })).toBe(
    'this is an SSH session without a display',
  );
});

test('A35: an opener is only looked for in absolute folders', async () => {
  const root = await mkdtemp(join(tmpdir(), 'path-'));
  const [first, second, third] = ['first', 'second', 'third'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [first, second, third]) {
    await mkdir(folder);
    await writeFile(join(folder, 'opener'), '#!/bin/sh\n');
  }
  await chmod(join(third, 'opener'), 0o755);
  await chmod(join(first, 'opener'), 0o755);

  const PATH = ['.', '', relative(process.cwd(), first), '/does/not/exist', second, third].join(':');
  expect(await findOnPath('opener', { PATH })).toBe(join(third, 'opener'));
  expect(await findOnPath('opener', { PATH: `.:${relative(process.cwd(), first)}` })).toBeUndefined();
  expect(await findOnPath('opener', {})).toBeUndefined();
  await rm(root, { recursive: true });
});
