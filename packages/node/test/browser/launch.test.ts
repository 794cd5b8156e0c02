import { existsSync } from 'node:fs';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { launch, windowsCommand } from '../../src/browser/launch.js';
import { outcomeOf } from '../../src/browser/outcome.js';
import { until } from '../support/waiting.js';

const href = 'https://as.example/authorize?a=b&c=%20d';
let system32: string;

beforeEach(async () => {
  system32 = await realpath(await mkdtemp(join(tmpdir(), 'System32-')));
});

afterEach(async () => {
  await rm(system32, { recursive: true });
});

test('A28: Windows opens the address without a shell, by a program that is named in full', async () => {
  expect(
    await windowsCommand(href, { platform: 'win32', env: { SystemRoot: 'D:\\Windows' }, wsl: false }),
  ).toEqual({
    file: 'D:\\Windows\\System32\\rundll32.exe',
    args: ['url.dll,FileProtocolHandler', href],
  });
});

describe('Linux inside Windows', () => {
  const wsl = () => ({ platform: 'linux' as const, env: { PATH: system32 }, wsl: true });
  const install = (script: string) => writeFile(join(system32, 'rundll32.exe'), script, { mode: 0o755 });

  test('opens the address by the same program, from a folder that Windows knows', async () => {
    await install('#!/bin/sh\n{ pwd; printf "%s\\n" "$@"; } > written && mv written argv\n');

    const opener = await launch(href, wsl());
    if (opener === undefined) throw new Error('nothing was started');

    expect(await outcomeOf(opener, undefined)).toEqual({ opened: true });
    await until(() => existsSync(join(system32, 'argv')));
    expect(await readFile(join(system32, 'argv'), 'utf8')).toBe(
      `${system32}\nurl.dll,FileProtocolHandler\n${href}\n`,
    );
  });

  test('starts nothing where there is neither that program nor xdg-open', async () => {
    expect(await launch(href, wsl())).toBeUndefined();
  });

  test('F3: a program that can not be started is noticed, also after an abort', async () => {
    await install('#!/does/not/exist\n');
    const reason = new Error('changed my mind');
    const started = async (signal?: AbortSignal) => {
      const opener = await launch(href, wsl());
      return opener && outcomeOf(opener, signal);
    };

    await expect(started()).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(started(AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
