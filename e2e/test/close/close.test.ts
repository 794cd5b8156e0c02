import { expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMcpServer, startStrictAuthorizationServer, withWorkers } from '@mcp-oauth/e2e';
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { loggedIn } from './logged-in.js';

interface Closed {
  readonly outcome: string;
  readonly closedAfterMs: number;
  readonly closedAt: number;
}

const module = new URL('closing-worker.mjs', import.meta.url);
/** The promise is 250 ms; what keeps a process alive by mistake does so for seconds. */
const EXIT_LIMIT_MS = 1_000;
const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}

test('B73: close() ends a waiting login at once, frees its port, and the process exits', async () => {
  const server = await startStrictAuthorizationServer();
  const mcp = await startMcpServer({ authorizationServers: [server] });
  try {
    const callbackPort = await freePort();
    const input = { mode: 'login', resource: mcp.url.href, callbackPort };
    await withWorkers({ module, count: 1, input: () => input }, async ([worker]) => {
      await worker!.next();
      while (server.counts().register === 0) await soon(10);
      await soon(100);
      expect(await isListening(callbackPort)).toBe(true);
      worker!.send('close');
      const closed = (await worker!.result()) as Closed;
      await worker!.exited;
      expect(Date.now() - closed.closedAt).toBeLessThan(EXIT_LIMIT_MS);
      expect(closed.outcome).toBe('closed');
      expect(closed.closedAfterMs).toBeLessThan(EXIT_LIMIT_MS);
      expect(await isListening(callbackPort)).toBe(false);
    });
  } finally {
    await mcp.close();
    await server.close();
  }
});

test('close() lets a refresh in flight finish and be stored, and the process exits', async () => {
  const directory = join(await mkdtemp(join(tmpdir(), 'mcp-oauth-close-')), 'store');
  const store = new FileTokenStore({ directory });
  const { server, resource, close, oauth } = await loggedIn(2, { store });
  try {
    await soon(2_050);
    server.behaviour.tokenLatencyMs = 600;
    server.clearLog();
    const input = { mode: 'refresh', directory, resource };
    await withWorkers({ module, count: 1, input: () => input }, async ([worker]) => {
      await worker!.next();
      while (server.counts().token === 0) await soon(10);
      worker!.send('close');
      const closed = (await worker!.result()) as Closed;
      await worker!.exited;
      expect(Date.now() - closed.closedAt).toBeLessThan(EXIT_LIMIT_MS);
      expect(closed.outcome).toBe('done');
    });
    expect(server.families()[0]).toMatchObject({ generation: 2, revoked: undefined });
    expect(await oauth.session({ resource }).status()).toMatchObject({ state: 'logged_in', generation: 2 });
  } finally {
    await close();
    await rm(join(directory, '..'), { recursive: true, force: true });
  }
});
