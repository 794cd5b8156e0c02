import type { RequestListener } from 'node:http';
import { constants, createGzip } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { LimitExceededError } from '@mcp-oauth/core';
import { EventSize } from '../../src/guarded-fetch/body-size.js';
import { openGuardedFetch, rejection } from '../support/guarded.js';
import { until } from '../support/waiting.js';
import { startWebServer } from '../support/web-server.js';

const KiB = 1_024;
const events = { headers: { accept: 'application/json, text/event-stream' } };

/** Sends each piece when it is called for, so that a reader that waits for more than one never gets on. */
function pieces(type: string, ...texts: readonly string[]) {
  const waiting: (() => void)[] = [];
  const listener: RequestListener = (_, response) => {
    response.writeHead(200, { 'content-type': type });
    response.flushHeaders();
    const [first, ...rest] = texts;
    response.write(first);
    for (const text of rest) waiting.push(() => response.write(text));
  };
  return { listener, next: () => waiting.shift()?.() };
}

test('every event arrives as it is sent', async () => {
  const { listener, next } = pieces('text/event-stream; charset=utf-8', 'data: 1\n\n', 'data: 2\n\n');
  const server = await startWebServer(listener);
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  const response = await fetch(server.origin, events);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();

  expect(response).toBeInstanceOf(Response);
  expect(await reader.read()).toEqual({ done: false, value: 'data: 1\n\n' });
  next();
  expect(await reader.read()).toEqual({ done: false, value: 'data: 2\n\n' });
  await reader.cancel();
  await until(async () => (await server.open()) === 0);
});

test('every event arrives as it is sent, compressed too', async () => {
  const server = await startWebServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
    const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });
    gzip.pipe(response);
    gzip.write('data: 1\n\n');
  });
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  const reader = (await fetch(server.origin, events)).body!.getReader();

  expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: 1\n\n');
});

test('an event stream lives on where a document has long reached its limits', async () => {
  const server = await startWebServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    let count = 0;
    const timer = setInterval(() => {
      response.write(`data: ${'x'.repeat(KiB)}\n\n`);
      if (++count === 5) {
        clearInterval(timer);
        response.end();
      }
    }, 200);
  });
  const limits = { maxBytes: 2 * KiB, timeoutMs: 500, idleTimeoutMs: 50 };
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin], ...limits });
  expect(await rejection((await fetch(server.origin)).text())).toBeInstanceOf(LimitExceededError);

  const text = await (await fetch(server.origin, events)).text();

  expect(text).toHaveLength(5 * (KiB + 8));
});

test('a silent event stream ends where an idle limit is given', async () => {
  const { listener } = pieces('text/event-stream', 'data: 1\n\n');
  const server = await startWebServer(listener);
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin], eventStreamIdleTimeoutMs: 100 });

  const error = await rejection((await fetch(server.origin, events)).text());

  expect(error).toBeInstanceOf(LimitExceededError);
  await until(async () => (await server.open()) === 0);
});

test('A19: one event that never ends does end, at the limit', async () => {
  const server = await startWebServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const line = `data: ${'x'.repeat(KiB)}\n`;
    const more = () => {
      while (!response.destroyed && response.write(line));
    };
    response.on('drain', more);
    more();
  });
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin], maxBytes: 100 * KiB });

  const error = await rejection((await fetch(server.origin, events)).text());

  expect(error).toBeInstanceOf(LimitExceededError);
  expect((error as Error).message).toContain('An event of');
  await until(async () => (await server.open()) === 0);
});

test.each([
  ['was not asked for', 200, { accept: 'application/json' }],
  ['is a failure', 500, events.headers],
])('A19: what is called an event stream but %s has the limits of a document', async (_, status, headers) => {
  const server = await startWebServer((_, response) => {
    response.writeHead(status, { 'content-type': 'text/event-stream' }).end('data: 1\n\n'.repeat(KiB));
  });
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin], maxBytes: KiB });

  const response = await fetch(server.origin, { headers });

  expect(await rejection(response.text())).toBeInstanceOf(LimitExceededError);
});

const bytes = (text: string) => new TextEncoder().encode(text);

test.each(['\n', '\r', '\r\n'])('counts each event by itself, with lines that end in %j', (end) => {
  const text = `data: 1${end}data: 2${end}${end}`;
  const whole = new EventSize();
  const byByte = new EventSize();

  for (let round = 0; round < 10; round++) {
    expect(whole.add(bytes(text))).toBeLessThanOrEqual(text.length + 1);
    for (const byte of bytes(text)) {
      expect(byByte.add(Uint8Array.of(byte))).toBeLessThanOrEqual(text.length + 1);
    }
  }
});

test('an event counts as a whole, over its lines and pieces', () => {
  const size = new EventSize();

  size.add(bytes('data: 1\nda'));
  expect(size.add(bytes('ta: 2\n'))).toBe(16);
  expect(size.add(bytes('\ndata: 3\n\n:\n\n'))).toBe(17);
});
