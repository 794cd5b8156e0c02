import { createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { LimitExceededError } from '@mcp-oauth/core';
import { openGuardedFetch, rejection } from '../support/guarded.js';
import { until } from '../support/waiting.js';
import { startWebServer } from '../support/web-server.js';

const KiB = 1_024;

test('A19: an endless answer ends at the limit, and its connection with it', async () => {
  let sent = 0;
  const server = await startWebServer((_, response) => {
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(KiB))) sent += KiB;
    };
    response.on('drain', more);
    more();
  });
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin], maxBytes: 100 * KiB });

  const response = await fetch(server.origin);
  const error = await rejection(response.text());

  expect(error).toBeInstanceOf(LimitExceededError);
  expect((error as Error).message).toContain('102400 bytes');
  await until(async () => (await server.open()) === 0);
  expect(sent).toBeLessThan(20_000 * KiB);
});

test('an answer of exactly the limit passes', async () => {
  const server = await startWebServer((_, response) => response.end('x'.repeat(100 * KiB)));
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin], maxBytes: 100 * KiB });

  expect(await (await fetch(server.origin)).text()).toHaveLength(100 * KiB);
});

test.each([
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
])('A20: bytes are counted after decompression of %s', async (coding, compress) => {
  const server = await startWebServer((request, response) => {
    const size = request.url === '/bomb' ? 100 * KiB + 1 : 100 * KiB;
    const body = compress(Buffer.alloc(size, 'x'));
    expect(body.length).toBeLessThan(KiB);
    response.writeHead(200, { 'content-encoding': coding }).end(body);
  });
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin], maxBytes: 100 * KiB });

  expect(await (await fetch(server.origin)).text()).toBe('x'.repeat(100 * KiB));
  const bomb = await fetch(`${server.origin}/bomb`);
  expect(await rejection(bomb.text())).toBeInstanceOf(LimitExceededError);
  expect(server.requests[0]?.headers['accept-encoding']).toBe('gzip, br');
});

test.each([
  ['two', 'gzip, gzip'],
  ['fifty', Array.from({ length: 50 }, (_, index) => (index % 2 ? 'br' : 'gzip')).join(', ')],
])('A20: %s content codings on top of each other are refused', async (_, codings) => {
  const server = await startWebServer((_, response) =>
    response.writeHead(200, { 'content-encoding': codings }).write(gzipSync(gzipSync('x'))),
  );
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  expect(await rejection(fetch(server.origin))).toBeInstanceOf(LimitExceededError);
  await until(async () => (await server.open()) === 0);
});

test('A20: an unknown content coding is refused', async () => {
  const server = await startWebServer((_, response) =>
    response.writeHead(200, { 'content-encoding': 'zstd' }).end('cnry'),
  );
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  const error = (await rejection(fetch(server.origin))) as Error;

  expect(error.name).toBe('TypeError');
  expect(error.message).toContain('content coding');
});

test('A20: what claims to be gzip and is not is an error without a byte of it', async () => {
  const server = await startWebServer((_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end('cnry cnry cnry'),
  );
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  const error = await rejection((await fetch(server.origin)).text());

  expect(error).toMatchObject({ name: 'TypeError', cause: { code: 'Z_DATA_ERROR' } });
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('cnry');
});

test('gzip without the checksum at its end is read, as browsers do', async () => {
  const server = await startWebServer((_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('whole').subarray(0, -8)),
  );
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  expect(await (await fetch(server.origin)).text()).toBe('whole');
});

test('headers beyond 32 KiB are refused', async () => {
  const server = await startWebServer((_, response) =>
    response.writeHead(200, { 'x-large': 'x'.repeat(33 * KiB) }).end(),
  );
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  const error = await rejection(fetch(server.origin));

  expect(error).toBeInstanceOf(LimitExceededError);
  expect((error as Error).message).toContain('headers');
});

test('A21: headers that never come end in time, and the connection with them', async () => {
  const server = await startWebServer(() => undefined);
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin], headersTimeoutMs: 100 });

  const error = await rejection(fetch(server.origin));

  expect(error).toBeInstanceOf(LimitExceededError);
  expect((error as Error).message).toContain('100 ms to its headers');
  await until(async () => (await server.open()) === 0);
});

test('A21: a resolver that never answers ends in time, and what it says later is not connected to', async () => {
  const server = await startWebServer((_, response) => response.end());
  let answer: (addresses: string[]) => void = () => undefined;
  const fetch = openGuardedFetch({
    allowedOrigins: [`http://slow.example:${server.port}`],
    lookup: () => new Promise((resolve) => (answer = resolve)),
    headersTimeoutMs: 100,
  });

  const error = await rejection(fetch(`http://slow.example:${server.port}/`));
  answer(['127.0.0.1']);

  expect(error).toBeInstanceOf(LimitExceededError);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(server.requests).toHaveLength(0);
});

test('A21: a body that stops ends in time', async () => {
  const server = await startWebServer((_, response) => response.write('{'));
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin], idleTimeoutMs: 100 });

  const error = await rejection((await fetch(server.origin)).text());

  expect(error).toBeInstanceOf(LimitExceededError);
  expect((error as Error).message).toContain('100 ms between two pieces');
  await until(async () => (await server.open()) === 0);
});

test('A21: a body that drips ends in time', async () => {
  const server = await startWebServer((_, response) => {
    const drip = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(drip));
  });
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin], timeoutMs: 300 });

  const error = await rejection((await fetch(server.origin)).text());

  expect(error).toBeInstanceOf(LimitExceededError);
  expect((error as Error).message).toContain('300 ms');
  await until(async () => (await server.open()) === 0);
});

test('A21: an answer that nobody reads holds its connection no longer than it may', async () => {
  const server = await startWebServer((_, response) => response.write('x'));
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin], timeoutMs: 200 });

  const response = await fetch(server.origin);
  await until(async () => (await server.open()) === 0);

  expect(await rejection(response.text())).toBeInstanceOf(LimitExceededError);
});

test('a reader that takes its time is not the fault of the server', async () => {
  const server = await startWebServer((_, response) => response.end('x'.repeat(1_000 * KiB)));
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin], idleTimeoutMs: 50 });

  const reader = (await fetch(server.origin)).body!.getReader();
  let bytes = 0;
  for (let reads = 0; ; reads++) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.byteLength;
    if (reads < 3) await new Promise((resolve) => setTimeout(resolve, 150));
  }

  expect(bytes).toBe(1_000 * KiB);
});

test('no more connections to an origin than allowed: others wait for their turn', async () => {
  let [now, most] = [0, 0];
  const server = await startWebServer((_, response) => {
    most = Math.max(most, ++now);
    setTimeout(() => {
      now--;
      response.end('done');
    }, 50);
  });
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin], maxConnectionsPerOrigin: 2 });

  const texts = Array.from({ length: 6 }, async () => (await fetch(server.origin)).text());

  expect(await Promise.all(texts)).toEqual(Array(6).fill('done'));
  expect(most).toBe(2);
});

test('A23: an answer that is no HTTP is an error without a byte of it', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    socket.end('cnry_no_http {"access_token":"cnry"}\r\n\r\n');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const fetch = openGuardedFetch({ allowedOrigins: [`http://127.0.0.1:${port}`] });

  const error = (await rejection(fetch(`http://127.0.0.1:${port}`))) as Error;
  server.close();

  expect(error.name).toBe('TypeError');
  expect(error.message).toContain('not HTTP');
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('cnry');
});
