import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { TIMEOUT_MS } from '../src/host/mcp-host.js';
import { Front, PROXY_TIMEOUT_MS } from '../src/stage/front.js';
import type { Backend } from '../src/stage/front.js';

const page = { accept: 'text/html' };
const servers: Server[] = [];
let front: Front;

beforeEach(async () => {
  front = await Front.start(0);
});
afterEach(async () => {
  await front.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function backend(answer: RequestListener): Promise<Backend & { readonly server: Server }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  const { port } = server.address() as AddressInfo;
  return { server, origin: `http://127.0.0.1:${String(port)}`, isRunning: true };
}

const named =
  (name: string): RequestListener =>
  (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => response.end(`${name} ${request.method ?? ''} ${body}`.trim()));
  };

async function ask(init: RequestInit = { headers: page }): Promise<string> {
  const response = await fetch(front.url, init);
  return response.ok ? await response.text() : String(response.status);
}

test('pages take turns; what belongs to a page takes none', async () => {
  front.passTo([await backend(named('a')), await backend(named('b'))]);
  const first = await ask();
  const second = await ask();
  expect([first, second].sort()).toEqual(['a GET', 'b GET']);
  expect(await ask({ headers: { accept: 'text/css' } })).toBe(second);
  expect(await ask()).toBe(first);
});

test('a replica that is gone is left out, also before anybody has noticed, and forms arrive whole', async () => {
  const [a, b] = [await backend(named('a')), await backend(named('b'))];
  front.passTo([a, b]);
  a.server.close();
  a.server.closeAllConnections();
  const form = { method: 'POST', body: 'x=1', headers: page };
  expect([await ask(form), await ask(form)]).toEqual(['b POST x=1', 'b POST x=1']);
  front.passTo([{ ...b, isRunning: false }]);
  expect(await ask()).toBe('503');
});

test('a request that was sent is never sent again, whatever became of it', async () => {
  let requests = 0;
  const dying: RequestListener = (request) => {
    requests += 1;
    request.socket.destroy();
  };
  front.passTo([await backend(dying), await backend(dying)]);
  expect(await ask()).toBe('503');
  expect(requests).toBe(1);
});

test('a body beyond the limit is refused, and a visitor who goes away breaks nothing', async () => {
  front.passTo([await backend(named('a'))]);
  expect(await ask({ method: 'POST', body: 'x'.repeat(200_000) })).toBe('413');
  const leaving = new AbortController();
  front.passTo([await backend(() => leaving.abort())]);
  await expect(ask({ signal: leaving.signal, headers: page })).rejects.toThrow();
  front.passTo([await backend(named('a'))]);
  expect(await ask()).toBe('a GET');
});

test('the front waits longer than a replica does for two requests of a callback', () => {
  expect(PROXY_TIMEOUT_MS).toBeGreaterThan(2 * TIMEOUT_MS);
});
