import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

let folder: string;
let lock: string;
let counter: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'install-lock-'));
  lock = join(folder, 'lock');
  counter = join(folder, 'counter');
  writeFileSync(counter, '0');
});
afterEach(() => rmSync(folder, { recursive: true }));

function holder(times: number, holdMs: number): ChildProcess {
  const program = join(process.cwd(), 'scripts/test/install-lock-holder.mjs');
  const args = [program, lock, counter, String(times), String(holdMs)];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
}

async function exitCode(child: ChildProcess): Promise<unknown> {
  child.stdout?.resume();
  const [code] = await once(child, 'exit');
  return code;
}

test('one process at a time holds the lock, and nothing is left of it', async () => {
  const codes = await Promise.all([1, 2, 3].map(() => exitCode(holder(4, 5))));
  expect(codes).toEqual([0, 0, 0]);
  expect(readFileSync(counter, 'utf8')).toBe('12');
  expect(readdirSync(folder)).toEqual(['counter']);
});

test('a killed holder keeps nobody waiting, however many wait', async () => {
  const killed = holder(1, 60_000);
  await once(killed.stdout!, 'data');
  const waiting = [1, 2, 3].map(() => exitCode(holder(1, 5)));
  killed.kill('SIGKILL');
  expect(await Promise.all(waiting)).toEqual([0, 0, 0]);
  expect(readFileSync(counter, 'utf8')).toBe('3');
  expect(readdirSync(folder)).toEqual(['counter']);
});
