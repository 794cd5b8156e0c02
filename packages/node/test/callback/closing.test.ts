import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { pages } from '../../src/callback/pages.js';
import { isPending, listenOn } from '../support/listening.js';
import { connectTo, ended, free, freePort, get, occupy } from '../support/sockets.js';
import { firstLine } from '../support/waiting.js';

test('closing frees the port on both addresses before it resolves', async () => {
  const { listening, port } = await listenOn();

  await listening.close();

  const taken = await Promise.all([occupy('127.0.0.1', port), occupy('::1', port)]);
  await Promise.all(taken.map(free));
});

test('closing twice is closing once', async () => {
  const { listening } = await listenOn();

  await Promise.all([listening.close(), listening.close()]);
  await listening.close();
});

test('F12: idle connections are dropped, and closing does not wait for them', async () => {
  const { listening, port } = await listenOn();
  const idle = await Promise.all(Array.from({ length: 10 }, () => connectTo(port)));
  idle[0]?.write('GET /callback?co');
  const closed = idle.map(ended);

  const began = Date.now();
  await listening.close();

  expect(Date.now() - began).toBeLessThan(1_000);
  await Promise.all(closed);
});

test('an awaited response rejects with an AbortError when the listener closes', async () => {
  const { listening } = await listenOn();
  const [first, second] = [listening.response('a'), listening.response('b')];

  await listening.close();

  await expect(first).rejects.toMatchObject({ name: 'AbortError' });
  await expect(second).rejects.toMatchObject({ name: 'AbortError' });
  await expect(listening.response('late')).rejects.toMatchObject({ name: 'AbortError' });
});

test('an aborted signal ends the wait with its reason, and frees the port', async () => {
  const abort = new AbortController();
  const reason = new Error('the person gave up');
  const { listening, port } = await listenOn('localhost', abort.signal);
  const response = listening.response('a');

  abort.abort(reason);

  await expect(response).rejects.toBe(reason);
  await expect(listening.response('late')).rejects.toBe(reason);
  await listening.close();
  await free(await occupy('127.0.0.1', port));
});

test('a login that failed before it awaited its response does not end the process', async () => {
  const { listening } = await listenOn();
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);

  void listening.response('nobody awaits this');
  await listening.close();
  await isPending(Promise.resolve());
  process.off('unhandledRejection', note);

  expect(unhandled).toEqual([]);
});

test('a page that was shown just before closing still arrives', async () => {
  const { listening, uri } = await listenOn();
  const response = listening.response('a');
  const browser = get(`${uri}?code=c&state=a`);

  (await response).show('succeeded');
  await listening.close();

  expect((await browser).body).toBe(pages.succeeded.toString());
});

test('a browser that waits when the listener closes sees that the login failed', async () => {
  const { listening, uri } = await listenOn();
  const response = listening.response('a');
  const browser = get(`${uri}?code=c&state=a`);
  const { show } = await response;

  await listening.close();
  show('succeeded');

  expect((await browser).body).toBe(pages.failed.toString());
});

test('a browser that reads nothing does not hold the close up', async () => {
  const { listening, port } = await listenOn();
  const response = listening.response('a');
  const stuck = await connectTo(port);
  stuck.pause();
  stuck.write(`GET /callback?state=a HTTP/1.1\r\nHost: localhost:${String(port)}\r\n\r\n`);
  await response;

  const began = Date.now();
  await listening.close();

  expect(Date.now() - began).toBeLessThan(1_000);
  stuck.destroy();
});

test('B73: a process ends at once after closing, whatever another one keeps open', async () => {
  const script = fileURLToPath(new URL('listen-and-close.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, String(await freePort())], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const port = Number(await firstLine(child));
  const idle = await Promise.all(Array.from({ length: 10 }, () => connectTo(port)));
  const dropped = idle.map(ended);

  child.stdin.end('close\n');
  const [closing] = (await once(child.stdout, 'data')) as [Buffer];
  const began = Date.now();
  const [code] = (await exit) as [number];

  expect(closing.toString()).toBe('closing\n');
  expect(code).toBe(0);
  // 250 ms is what it should take, 7.5 s what a browser's idle connection would make of it.
  expect(Date.now() - began).toBeLessThan(1_000);
  await Promise.all(dropped);
});
