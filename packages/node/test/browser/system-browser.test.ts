import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { BrowserResult } from '@mcp-oauth/core';
import { SystemBrowser } from '@mcp-oauth/node';
import { until } from '../support/waiting.js';

const script = fileURLToPath(new URL('open-and-end.mjs', import.meta.url));
const address = 'https://as.example/authorize?state=s&scope=a%20b';
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opener-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Opens an address in a process of its own, which sees this environment and the programs in `folder` first. */
async function open(
  href: string,
  { env = { DISPLAY: ':99' }, path = process.env.PATH ?? '', abortMs }: OpenOptions = {},
): Promise<BrowserResult | { rejected: string }> {
  const args = abortMs === undefined ? [script, href] : [script, href, String(abortMs)];
  const child = spawn(process.execPath, args, {
    env: { ...env, PATH: `${folder}:${path}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([
    text(child.stdout),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  expect(code).toBe(0);
  return JSON.parse(output) as BrowserResult;
}

interface OpenOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** The folders after `folder`. */
  readonly path?: string;
  readonly abortMs?: number;
}

/** Puts a program into `folder` that writes down what it was called with, and then runs `commands`. */
async function install(name: string, commands: string): Promise<void> {
  const lines = ['#!/bin/sh', `printf '%s\\0' "$@" > '${folder}/argv'`, commands, ''];
  await writeFile(join(folder, name), lines.join('\n'), { mode: 0o755 });
}

async function argv(): Promise<string[]> {
  return (await whole('argv', /\0$/)).split('\0').slice(0, -1);
}

/** What a program wrote into `folder`, once it ends as it should: the shell makes a file before it fills it. */
async function whole(name: string, ending: RegExp): Promise<string> {
  let content = '';
  await until(async () => {
    content = await readFile(join(folder, name), 'utf8').catch(() => '');
    return ending.test(content);
  });
  return content;
}

test('an aborted signal opens nothing', async () => {
  const reason = new Error('changed my mind');

  const opened = new SystemBrowser().open(new URL(address), { signal: AbortSignal.abort(reason) });

  await expect(opened).rejects.toBe(reason);
});

if (process.platform === 'linux') {
  describe('on Linux', () => {
    test('hands the address to the opener and says that it is open', async () => {
      await install('xdg-open', 'exit 0');

      expect(await open(address)).toEqual({ opened: true });
      expect(await argv()).toEqual([address]);
    });

    test('F3: an opener that gives up a moment later has opened nothing', async () => {
      await install('xdg-open', 'sleep 0.2; exit 3');

      expect(await open(address)).toEqual({
        opened: false,
        reason: "the system's opener gave up (exit code 3)",
      });
    });

    test('an opener that was killed has opened nothing', async () => {
      await install('xdg-open', 'kill -9 $$');

      expect(await open(address)).toMatchObject({ opened: false });
    });

    test('F3: an opener that can not be started is a reason, not a crash', async () => {
      await writeFile(join(folder, 'xdg-open'), '#!/does/not/exist\n', { mode: 0o755 });

      expect(await open(address)).toEqual({
        opened: false,
        reason: "the system's opener could not be started (ENOENT)",
      });
    });

    test.each([
      [{}, 'there is no display'],
      [{ DISPLAY: ':99', CI: 'true' }, 'this runs in CI'],
    ])('with %j the opener is not even started', async (env, reason) => {
      await install('xdg-open', 'exit 0');

      expect(await open(address, { env })).toEqual({ opened: false, reason });
      expect(existsSync(join(folder, 'argv'))).toBe(false);
    });

    test.each([
      'https://as.example/a?x=$(touch canary)&y=`touch canary`;touch canary|touch canary',
      'https://as.example/$(touch${IFS}canary)/`touch${IFS}canary`',
      `https://as.example/';touch canary;'?";touch canary;"`,
      'https://as.example/a\n;touch canary',
      'https://as.example/--version?-a=*&b=~&c=%s&d=$HOME',
    ])('A29, A34: no shell reads %j', async (href) => {
      await install('xdg-open', 'exit 0');
      const url = new URL(href.replaceAll('canary', join(folder, 'canary')));

      expect(await open(url.href)).toEqual({ opened: true });
      expect(await argv()).toEqual([url.href]);
      expect(existsSync(join(folder, 'canary'))).toBe(false);
    });

    test('A29: where xdg-open is not installed, the one that comes along hands the address on as it is', async () => {
      await install('a-browser', 'exit 0');
      const env = { BROWSER: join(folder, 'a-browser') };
      const url = new URL(
        `https://as.example/$(touch${folder}/canary)?x=\`touch ${folder}/canary\`;touch&y=%24`,
      );

      expect(await open(url.href, { env, path: await toolsOfXdgOpen() })).toEqual({ opened: true });
      expect(await argv()).toEqual([url.href]);
      expect(existsSync(join(folder, 'canary'))).toBe(false);
    });

    test('F3: where there is no browser either, that one is noticed to give up', async () => {
      expect(await open(address, { path: await toolsOfXdgOpen() })).toEqual({
        opened: false,
        reason: "the system's opener gave up (exit code 3)",
      });
    });

    test('an aborted signal ends the wait for an opener', async () => {
      await install('xdg-open', 'exec sleep 2');

      expect(await open(address, { abortMs: 500 })).toEqual({ rejected: 'TimeoutError' });
      expect(await argv()).toEqual([address]);
    });

    test('B71: an opener that stays is showing the page, and does not keep the process alive', async () => {
      await install('xdg-open', `echo $$ > '${folder}/pid'; exec sleep 60`);

      const began = Date.now();
      expect(await open(address)).toEqual({ opened: true });
      expect(Date.now() - began).toBeLessThan(15_000);
      process.kill(Number(await whole('pid', /^\d+\n$/)));
    });
  });
}

/** A folder with the programs that xdg-open needs, and no browser. */
async function toolsOfXdgOpen(): Promise<string> {
  for (const tool of ['sh', 'sed', 'grep', 'cut', 'cat', 'uname', 'tr', 'head', 'awk', 'basename', 'env'])
    await symlink(join('/bin', tool), join(folder, tool));
  return folder;
}
