import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOAuthClient } from '@mcp-oauth/core';
import { ScriptedBrowser, startMcpServer, startStrictAuthorizationServer, withWorkers } from '@mcp-oauth/e2e';
import type { McpBehaviour, RunningMcpServer, StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { LoopbackCallbackListener } from '@mcp-oauth/node';
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { needing, neverContent } from './support/step-up-scene.js';

let server: StrictAuthorizationServer;
let mcp: RunningMcpServer;
let directory: string;

beforeEach(async () => {
  server = await startStrictAuthorizationServer({ accessTokenTtl: 600 });
  mcp = await startMcpServer({ authorizationServers: [server] });
  directory = await mkdtemp(join(tmpdir(), 'mcp-oauth-step-up-'));
  const store = new FileTokenStore({ directory: join(directory, 'store') });
  const browser = new ScriptedBrowser();
  const callbackListener = new LoopbackCallbackListener();
  const oauth = createOAuthClient({ store, client: { client_name: 'Test host' }, browser, callbackListener });
  await oauth.session({ resource: mcp.url }).authorize();
  await oauth.close();
  await store.close();
  server.clearLog();
});

afterEach(async () => {
  await mcp.close();
  await server.close();
  await rm(directory, { recursive: true, force: true });
});

test.each<[string, Pick<McpBehaviour, 'missingScope'>, string]>([
  ['A78: that asks for another scope each time', neverContent(), 'step_up_exhausted'],
  ['that asks for the same scope', needing({ admin_only: 'mcp:admin' }), 'admitted'],
])(
  'forty calls of two processes at a server %s cause one consent',
  async (_, behaviour, end) => {
    Object.assign(mcp.behaviour, behaviour);
    const module = new URL('stepping-worker.mjs', import.meta.url);
    const input = { directory: join(directory, 'store'), resource: mcp.url.href };
    await withWorkers({ module, count: 2, input: () => input }, async (workers) => {
      for (const worker of workers) expect(await worker.next()).toBe('ready');
      for (const worker of workers) worker.send('go');
      const results = await Promise.all(workers.map((worker) => worker.result()));
      const told = results as readonly { readonly opened: number; readonly ends: readonly string[] }[];
      expect(told.map(({ ends }) => ends)).toEqual([[end], [end]]);
      expect(told.reduce((sum, { opened }) => sum + opened, 0)).toBe(1);
    });
    expect(server.counts()).toMatchObject({ authorize: 1, token: 1 });
  },
  40_000,
);
