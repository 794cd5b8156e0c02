import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const program = join(process.cwd(), 'examples/aggregator/dist/main.js');
const STORY_MS = 60_000;

let directory: string;
let child: ChildProcess;
let output = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mcp-oauth-aggregator-test-'));
  output = '';
});
afterEach(async () => {
  child.kill('SIGKILL');
  await rm(directory, { recursive: true, force: true });
});

function start(env: Readonly<Record<string, string>>): Promise<number | null> {
  child = spawn(process.execPath, [program], {
    env: { ...process.env, TMPDIR: directory, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr])
    stream!.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  return new Promise((resolve) => child.once('close', resolve));
}

async function printed(text: RegExp): Promise<RegExpExecArray> {
  for (;;) {
    const match = text.exec(output);
    if (match) return match;
    if (child.exitCode !== null) throw new Error(`It ended. It printed:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.unref();
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

for (const [how, code, kill] of [
  ['Ctrl-C', 130, () => child.kill('SIGINT')],
  ['kill -9', null, () => child.kill('SIGKILL')],
] as const) {
  test(
    `one command starts everything, says where, and ${how} leaves no process, port or file`,
    async () => {
      const ended = start({ PORT: '0' });
      await printed(/Ctrl-C ends everything/);
      const urls = [...output.matchAll(/http:\/\/[\w.]+:\d+/g)].map(([url]) => url);
      const pids = [...output.matchAll(/pid (\d+)/g)].map(([, pid]) => Number(pid));
      expect([urls.length, pids.length]).toEqual([5, 2]);
      expect(await Promise.all(urls.map(isListening))).toEqual(urls.map(() => true));
      expect(output).toMatch(/Ada, Grace, Katherine/);
      const answer = await fetch(urls[0]!);
      expect([answer.status, answer.url]).toEqual([200, `${urls[0]}/sign-in`]);
      await answer.text();
      kill();
      expect(await ended).toBe(code);
      const left = async () => [
        ...(await Promise.all(urls.map(isListening))),
        ...pids.map(isAlive),
        ...(await readdir(directory)).filter((name) => name.startsWith('mcp-oauth-')),
      ];
      const until = performance.now() + 10_000;
      while ((await left()).some(Boolean) && performance.now() < until)
        await new Promise((resolve) => setTimeout(resolve, 50));
      expect((await left()).filter(Boolean)).toEqual([]);
    },
    STORY_MS,
  );
}

test(
  'a port that is taken is told as such, and nothing is left running',
  async () => {
    void start({ PORT: '0' });
    const [url] = await printed(/http:\/\/127\.0\.0\.1:\d+\/\n/);
    const first = child;
    output = '';
    expect(await start({ PORT: new URL(url).port })).toBe(1);
    expect(output).toMatch(/EADDRINUSE.*PORT=0 takes any port that is free/);
    child = first;
  },
  STORY_MS,
);
