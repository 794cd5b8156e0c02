import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { startWebServer } from '../support/web-server.js';

const MiB = 1_048_576;

interface Ending {
  readonly out: string;
  /** From the last that it printed to its end. */
  readonly lingeredMs: number;
}

interface RunOptions {
  readonly nodeArgs?: readonly string[];
  readonly onStarted?: (child: ChildProcess) => void;
}

async function run(
  script: string,
  args: readonly string[],
  { nodeArgs = [], onStarted }: RunOptions = {},
): Promise<Ending> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [...nodeArgs, path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onStarted?.(child);
  let out = '';
  let printedAt = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    printedAt = performance.now();
  });
  await once(child, 'close');
  return { out, lingeredMs: performance.now() - printedAt };
}

test('loads undici with the first request, and leaves the fetch of the runtime as it was', async () => {
  const server = await startWebServer((_, response) => response.end('text'));

  const { out } = await run('load.mjs', [server.origin]);

  expect(JSON.parse(out)).toEqual({
    imported: false,
    made: false,
    requested: true,
    text: 'text',
    globalText: 'text',
    isGlobalReplaced: false,
  });
});

test('idle connections keep no process alive', async () => {
  const server = await startWebServer((_, response) => response.end('text\n'));

  const lingeredMs: number[] = [];
  for (let processes = 0; processes < 3; processes++) {
    const ending = await run('fetch-and-end.mjs', [server.origin]);
    expect(ending.out).toBe('text\n\n');
    lingeredMs.push(ending.lingeredMs);
  }

  // A connection is idle for four seconds: if it kept its process, it would keep each of them.
  expect(Math.min(...lingeredMs)).toBeLessThan(1_000);
});

test('an answer that came while the process slept is read, though its time is over', async () => {
  let child: ChildProcess | undefined;
  const server = await startWebServer((_, response) => {
    child?.kill('SIGSTOP');
    response.end('a rotated token');
    setTimeout(() => child?.kill('SIGCONT'), 5_500);
  });

  const options = JSON.stringify({ timeoutMs: 5_000, headersTimeoutMs: 4_000 });
  const { out } = await run('fetch-and-end.mjs', [server.origin, options], {
    onStarted: (started) => (child = started),
  });

  expect(out).toBe('a rotated token\n');
});

test('thirty calls with one signal look like no leak to the runtime', async () => {
  const server = await startWebServer((_, response) => setTimeout(() => response.end('text'), 100));

  const { out } = await run('share-signal.mjs', [server.origin]);

  expect(JSON.parse(out)).toEqual({ texts: 30, warnings: [] });
});

// 64 members of 16 MiB each (RFC 1952 section 2.2).
const bomb = Buffer.concat(Array<Buffer>(64).fill(gzipSync(Buffer.alloc(16 * MiB))));

function sendBomb(response: ServerResponse): void {
  response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
}

test.each([
  ['ends at the limit', {}, { code: 'limit_exceeded' }],
  ['is read to its end where that is allowed', { maxBytes: 2 ** 31 }, { bytes: 1_024 * MiB }],
])(
  'A20, H12: 1 GiB of gzip %s, and memory stays flat',
  async (_, options, ending) => {
    const server = await startWebServer((request, response) => {
      if (request.url === '/bomb') sendBomb(response);
      else response.end('text');
    });

    const args = [`${server.origin}/bomb`, JSON.stringify(options)];
    const { out } = await run('read-bomb.mjs', args, { nodeArgs: ['--expose-gc'] });

    const result = JSON.parse(out) as { bytes: number; grownMiB: number };
    expect(result).toMatchObject(ending);
    if ('code' in ending) expect(result.bytes).toBeLessThanOrEqual(10 * MiB);
    expect(result.grownMiB).toBeLessThan(100);
  },
  60_000,
);
