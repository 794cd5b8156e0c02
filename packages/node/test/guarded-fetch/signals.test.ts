import { expect, test } from '@jest/globals';
import { openGuardedFetch, rejection } from '../support/guarded.js';
import { until } from '../support/waiting.js';
import { startWebServer } from '../support/web-server.js';

test('a signal that is aborted sends nothing, and its reason is the error', async () => {
  const server = await startWebServer((_, response) => response.end());
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });
  const reason = new Error('not now');

  expect(await rejection(fetch(server.origin, { signal: AbortSignal.abort(reason) }))).toBe(reason);
  expect(server.connections()).toBe(0);
});

test.each([
  ['an error', new Error('enough')],
  ['text', 'enough'],
  ['nothing', undefined],
])('an abort with %s ends a request that waits for its headers, and its connection', async (_, reason) => {
  const server = await startWebServer(() => undefined);
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });
  const controller = new AbortController();

  const response = rejection(fetch(server.origin, { signal: controller.signal }));
  await until(() => server.requests.length === 1);
  controller.abort(reason);

  expect(await response).toBe(controller.signal.reason);
  await until(async () => (await server.open()) === 0);
});

test('an abort ends a body that is being read, and its connection', async () => {
  const server = await startWebServer((_, response) => response.write('first'));
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });
  const controller = new AbortController();
  const reader = (await fetch(server.origin, { signal: controller.signal })).body!.getReader();
  await reader.read();

  const second = rejection(reader.read());
  controller.abort();

  expect(await second).toBe(controller.signal.reason);
  await until(async () => (await server.open()) === 0);
});

test('an abort ends a body that nobody reads right now', async () => {
  const server = await startWebServer((_, response) => response.write('first'));
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });
  const controller = new AbortController();
  const reader = (await fetch(server.origin, { signal: controller.signal })).body!.getReader();

  const ended = rejection(reader.closed);
  controller.abort();

  expect(await ended).toBe(controller.signal.reason);
  await until(async () => (await server.open()) === 0);
});

test('an abort ends the wait for a resolver', async () => {
  const fetch = openGuardedFetch({ lookup: () => new Promise(() => undefined) });
  const controller = new AbortController();

  const response = rejection(fetch('https://slow.example/', { signal: controller.signal }));
  controller.abort();

  expect(await response).toBe(controller.signal.reason);
});

test('an abort after the end changes nothing', async () => {
  const server = await startWebServer((_, response) => response.end('whole'));
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });
  const controller = new AbortController();

  const response = await fetch(server.origin, { signal: controller.signal });
  const text = await response.text();
  controller.abort();

  expect(text).toBe('whole');
  expect(await (await fetch(server.origin)).text()).toBe('whole');
});

test('a body that is cancelled ends its connection', async () => {
  const server = await startWebServer((_, response) => response.write('first'));
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  await (await fetch(server.origin)).body?.cancel();

  await until(async () => (await server.open()) === 0);
});

test('close ends what waits, what is read and what is idle, and refuses all further requests', async () => {
  const server = await startWebServer((request, response) => {
    if (request.url === '/body') response.write('first');
    if (request.url === '/idle') response.end('idle');
  });
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });
  const reader = (await fetch(`${server.origin}/body`)).body!.getReader();
  await reader.read();
  const waits = rejection(fetch(`${server.origin}/headers`));
  await until(() => server.requests.length === 2);
  await (await fetch(`${server.origin}/idle`)).text();

  const reads = rejection(reader.read());
  const closedAt = performance.now();
  await fetch.close();

  expect(await waits).toMatchObject({ name: 'TypeError', message: expect.stringContaining('closed') });
  expect(await reads).toMatchObject({ name: 'TypeError', message: expect.stringContaining('closed') });
  await until(async () => (await server.open()) === 0);
  // By itself an idle connection ends after four seconds.
  expect(performance.now() - closedAt).toBeLessThan(1_000);
  expect(await rejection(fetch(server.origin))).toMatchObject({ message: expect.stringContaining('closed') });
  await fetch.close();
  expect(server.requests).toHaveLength(3);
});

test('what was closed before its first request sends none', async () => {
  const server = await startWebServer((_, response) => response.end());
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  await fetch.close();

  expect(await rejection(fetch(server.origin))).toMatchObject({ message: expect.stringContaining('closed') });
  expect(server.connections()).toBe(0);
});
