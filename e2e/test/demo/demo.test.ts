import { expect, test } from '@jest/globals';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expectNoLeaks } from '@mcp-oauth/e2e';
import { withDemo } from './run-demo.js';

/** The whole story takes five seconds, four of which it waits for a token to expire. */
const STORY_MS = 60_000;
const EXIT_LIMIT_MS = 1_000;
const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

test(
  'the demo tells the whole story into a pipe, plainly, shows no secret and leaves nothing behind',
  () =>
    withDemo(async ({ start, left }) => {
      const demo = start([], { FORCE_COLOR: '1' });
      const { code } = await demo.ended;
      const output = demo.output();
      expect({ code, output }).toMatchObject({ code: 0 });
      expect(output.match(/^ {1,2}\d {2}\S.*$/gm)).toHaveLength(8);
      expect(output).toMatch(/^ +calls +20$/m);
      expect(output).toMatch(/^ +failed +0$/m);
      expect(output).toMatch(/^ +refreshes +1 /m);
      expect(output).toMatch(/^ +browser opens +0$/m);
      expect(output).toContain('✓ it needed no login');
      expect(output).toContain('✓ the refresh token is dead at the server');
      expect(output).toContain('✓ no token is left in the directory');
      expect(output).not.toContain('\u001b');
      expectNoLeaks({ output });
      expect(output).not.toMatch(/[?&](code|state|code_challenge)=/);
      expect(await left()).toEqual([]);
    }),
  STORY_MS,
);

test(
  'a directory given by --store stays, with its owner alone, and holds no token after the logout',
  () =>
    withDemo(async ({ start, left, directory }) => {
      const store = join(directory, 'store');
      const demo = start(['--store', store]);
      expect((await demo.ended).code).toBe(0);
      expect(demo.output()).toContain(store);
      const entries = await readdir(store, { recursive: true, withFileTypes: true });
      const files = entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
      expect(files.length).toBeGreaterThan(0);
      for (const file of files) {
        expect((await stat(file)).mode & 0o777).toBe(0o600);
        expect(await readFile(file, 'latin1')).not.toMatch(/cnry_(access|refresh)_/);
      }
      expect(await left()).toEqual([]);
    }),
  STORY_MS,
);

test(
  'a figure that is wrong ends the demo with 1, says which, and leaves nothing behind',
  () =>
    withDemo(async ({ start, left }) => {
      const fault = fileURLToPath(new URL('failing-call.mjs', import.meta.url));
      const demo = start([], { NODE_OPTIONS: `--import ${fault}` });
      expect((await demo.ended).code).toBe(1);
      expect(demo.output()).toContain('Not so: no call failed (expected 0, found 1).');
      expect(demo.output()).not.toContain('✓ no call failed');
      expect(await left()).toEqual([]);
    }),
  STORY_MS,
);

test('a command line that means nothing ends with 2 and the usage', () =>
  withDemo(async ({ start, left }) => {
    const demo = start(['--brwoser']);
    expect((await demo.ended).code).toBe(2);
    expect(demo.output()).toContain('--headless-browser');
    expect(await left()).toEqual([]);
  }));

test(
  'Ctrl-C while it waits for the browser ends it at once, with 130, no port and nothing left',
  () =>
    withDemo(async ({ start, left, directory }) => {
      const opened = join(directory, 'opened');
      const programs = join(directory, 'bin');
      await mkdir(programs);
      const opener = join(programs, 'xdg-open');
      await writeFile(
        opener,
        `#!/bin/sh\nprintf '%s' "$1" > ${opened}.draft\nmv ${opened}.draft ${opened}\n`,
      );
      await chmod(opener, 0o755);
      const store = join(directory, 'store');
      const demo = start(['--browser', '--store', store], {
        PATH: `${programs}:${process.env['PATH'] ?? ''}`,
        DISPLAY: ':99',
        CI: '',
        SSH_CONNECTION: '',
        SSH_TTY: '',
        SSH_CLIENT: '',
      });
      const redirectUri = await redirectUriOnceOpened(opened);
      const port = Number(redirectUri.port);
      expect(await isListening('127.0.0.1', port)).toBe(true);
      const asked = Date.now();
      demo.child.kill('SIGINT');
      const { code, endedAt } = await demo.ended;
      expect({ code, output: demo.output() }).toMatchObject({ code: 130 });
      expect(endedAt - asked).toBeLessThan(EXIT_LIMIT_MS);
      expect(await isListening('127.0.0.1', port)).toBe(false);
      expect(await isListening('::1', port)).toBe(false);
      expect(await left()).toEqual([]);
      expect(await readdir(join(store, 'tmp'))).toEqual([]);
      expectNoLeaks({ output: demo.output() });
    }),
  STORY_MS,
);

async function redirectUriOnceOpened(file: string): Promise<URL> {
  for (let waited = 0; waited < 20_000; waited += 50) {
    const url = await readFile(file, 'utf8').catch(() => '');
    if (url !== '') return new URL(new URL(url).searchParams.get('redirect_uri') ?? '');
    await soon(50);
  }
  throw new Error('The demo opened no browser.');
}
