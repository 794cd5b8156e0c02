import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { NodeProcessIdentity } from '@mcp-oauth/node';
import { portableProcess } from '../../src/process/portable-process.js';
import { firstLine, until } from '../support/waiting.js';

const script = fileURLToPath(new URL('identify.mjs', import.meta.url));
const started: ChildProcess[] = [];
const identity = new NodeProcessIdentity();

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

async function start(command = process.execPath, ...args: string[]) {
  const child = spawn(command, [...args, script], { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  return { child, self: await firstLine(child) };
}

async function startAndKill(): Promise<string> {
  const { child, self } = await start();
  child.kill('SIGKILL');
  await once(child, 'exit');
  return self;
}

test('names this process, shortly, and knows that it lives', () => {
  expect(identity.self).toMatch(/^[\x21-\x7e]{10,128}$/);
  expect(identity.isAlive(identity.self)).toBe(true);
  expect(new NodeProcessIdentity().self).toBe(identity.self);
});

test('every process has a name of its own', async () => {
  const [first, second] = await Promise.all([start(), start()]);

  expect(new Set([first.self, second.self, identity.self]).size).toBe(3);
});

test('notices at once that another process was killed with -9', async () => {
  const { child, self } = await start();
  expect(identity.isAlive(self)).not.toBe(false);

  child.kill('SIGKILL');
  await once(child, 'exit');

  expect(identity.isAlive(self)).toBe(false);
});

test.each([
  ['nothing', ''],
  ['something else', 'holder-1'],
  ['another version of this name', 'linux:x'],
  ['a name that is too long', `linux:${'1:'.repeat(100_000)}1`],
])('can not tell for %s', (_, holder) => {
  expect(identity.isAlive(holder)).toBeUndefined();
});

if (process.platform === 'linux') {
  describe('on Linux', () => {
    const parts = identity.self.split(':');
    const withPart = (index: number, value: string) => parts.with(index, value).join(':');
    const [boot, pidNamespace, timeNamespace, pid, startTime] = [1, 2, 3, 4, 5];

    test('knows that another process lives', async () => {
      const { self } = await start();

      expect(identity.isAlive(self)).toBe(true);
    });

    test('a pid that another process got since is a dead holder', () => {
      expect(identity.isAlive(withPart(startTime, '1'))).toBe(false);
    });

    test('a process that its parent never waited for is dead, though its pid still answers', async () => {
      const popen = 'import subprocess,sys,time; subprocess.Popen(sys.argv[1:]); time.sleep(60)';
      const { self } = await start('python3', '-c', popen, process.execPath);
      const zombie = Number(self.split(':')[pid]);
      expect(identity.isAlive(self)).toBe(true);

      process.kill(zombie, 'SIGKILL');

      await until(() => identity.isAlive(self) === false);
      expect(process.kill(zombie, 0)).toBe(true);
    });

    test.each([
      ['boot', boot, '00000000-0000-4000-8000-000000000000'],
      ['pid namespace', pidNamespace, '4026539999'],
      ['time namespace', timeNamespace, '4026539998'],
    ])('can not tell for a holder of another %s, be it alive or not', async (_, index, value) => {
      const dead = (await startAndKill()).split(':').with(index, value).join(':');

      expect(identity.isAlive(withPart(index, value))).toBeUndefined();
      expect(identity.isAlive(dead)).toBeUndefined();
    });

    test.each(['0', '-1', '00', '2147483648', '99999999999'])(
      'pid %s is nobody and signals nobody',
      (value) => {
        expect(identity.isAlive(withPart(pid, value))).toBeUndefined();
      },
    );
  });
}

describe('where a start time can not be had', () => {
  const portable = portableProcess();
  const holder = (index: number, value: string) => portable.self.split(':').with(index, value).join(':');
  const [host, boot, pid, startedAt] = [1, 2, 3, 4];

  test('this process lives', () => {
    expect(portable.isAlive(portable.self)).toBe(true);
  });

  test('a pid in use may be anybody by now', () => {
    expect(portable.isAlive(holder(startedAt, '1'))).toBeUndefined();
  });

  test('a pid that nobody has is a dead holder', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');

    expect(portable.isAlive(holder(pid, String(child.pid)))).toBe(false);
  });

  test('can not tell for another host, or another time of its start', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    const dead = holder(pid, String(child.pid)).split(':');

    expect(portable.isAlive(dead.with(host, '0123456789abcdef').join(':'))).toBeUndefined();
    expect(portable.isAlive(dead.with(boot, '1000000').join(':'))).toBeUndefined();
  });
});
