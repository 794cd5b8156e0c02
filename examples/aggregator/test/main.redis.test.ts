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
  // After a test that failed, the guards of what it started may remove their files at the same time.
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
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

function readyAt(): Promise<RegExpExecArray> {
  return printed(/Open +(http:\/\/127\.0\.0\.1:\d+\/)\n[^]*Ctrl-C ends everything/);
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

/** Once `kill` has ended the program: no port answers, no process runs and no file is there that it told of or made. */
async function endsWithoutTrace(ended: Promise<number | null>, kill: () => unknown): Promise<number | null> {
  const urls = [...output.matchAll(/http:\/\/[\w.]+:\d+/g)].map(([url]) => url);
  const pids = [...output.matchAll(/pid (\d+)/g)].map(([, pid]) => Number(pid));
  expect([urls.length, pids.length]).toEqual([5, 2]);
  expect(await Promise.all(urls.map(isListening))).toEqual(urls.map(() => true));
  kill();
  const code = await ended;
  const left = async () => [
    ...(await Promise.all(urls.map(isListening))),
    ...pids.map(isAlive),
    ...(await readdir(directory)).filter((name) => name.startsWith('mcp-oauth-')),
  ];
  const until = performance.now() + 10_000;
  while ((await left()).some(Boolean) && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await left()).filter(Boolean)).toEqual([]);
  return code;
}

for (const [how, code, kill] of [
  ['Ctrl-C', 130, () => child.kill('SIGINT')],
  ['kill -9', null, () => child.kill('SIGKILL')],
] as const) {
  test(
    `one command starts everything, says where, and ${how} leaves no process, port or file`,
    async () => {
      const ended = start({ PORT: '0' });
      const [, url] = await readyAt();
      expect(output).toMatch(/Ada, Grace, Katherine/);
      const answer = await fetch(url!);
      expect([answer.status, answer.url]).toEqual([200, `${url}sign-in`]);
      await answer.text();
      expect(await endsWithoutTrace(ended, kill)).toBe(code);
    },
    STORY_MS,
  );
}

test(
  'a port that is taken is told as such, and nothing is left running',
  async () => {
    const ended = start({ PORT: '0' });
    const [, url] = await readyAt();
    const [first, announced] = [child, output];
    const before = (await readdir(directory)).sort();
    output = '';
    expect(await start({ PORT: new URL(url!).port })).toBe(1);
    expect(output).toMatch(/EADDRINUSE.*PORT=0 takes any port that is free/);
    expect((await readdir(directory)).sort()).toEqual(before);
    [child, output] = [first, announced];
    expect(await endsWithoutTrace(ended, () => first.kill('SIGTERM'))).toBe(143);
  },
  STORY_MS,
);
