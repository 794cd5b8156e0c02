import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import {
  browserIdentifier,
  manyOwnersOAuthClientIdentifier,
  oauthClientIdentifier,
  oauthClientModule,
  tokenStoreIdentifier,
} from '@mcp-oauth/core/inversify';
import { ScriptedBrowser, startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { RunningMcpServer, StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { keyRing } from '@mcp-oauth/storage-encrypted';
import { RedisTokenStore } from '@mcp-oauth/storage-redis';
import { Container, injectable } from 'inversify';
import type { ContainerModule } from 'inversify';
import { Redis } from 'ioredis';
import { aggregatorContainer } from './page/aggregator.js';
import { desktopContainer } from './page/desktop.js';
import { inTests } from './page/in-tests.js';
import { main } from './page/main.js';
import { configuredStorageModule, decoratedStorageModule } from './page/own-storage.js';

const page = new URL('../../../docs/inversify.md', import.meta.url);
const folder = fileURLToPath(new URL('page/', import.meta.url));

let directory: string;
let server: StrictAuthorizationServer;
let mcp: RunningMcpServer;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mcp-oauth-page-'));
  server = await startStrictAuthorizationServer();
  mcp = await startMcpServer({ authorizationServers: [server] });
});

afterAll(async () => {
  await mcp.close();
  await server.close();
  await rm(directory, { recursive: true, force: true });
});

const oauthServer = () => ({ url: mcp.url.href, auth: { type: 'oauth' } }) as const;

test('the code on the page is the code that is tested here, all of it', async () => {
  const text = await readFile(page, 'utf8');
  const blocks = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block ?? '');
  const files = (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8'));
  expect(blocks.sort()).toEqual((await Promise.all(files)).sort());
});

test('the desktop host logs in, and finds its login the next time', async () => {
  const path = join(directory, 'tokens.db');
  const browser = new ScriptedBrowser();
  for (const time of ['first', 'next']) {
    const container = desktopContainer(path);
    container.rebind(browserIdentifier).toConstantValue(browser);
    expect([time, JSON.stringify(await main(container, oauthServer()))]).toEqual([
      time,
      expect.stringContaining('alice'),
    ]);
  }
  expect(browser.opened).toHaveLength(1);
});

test('in tests the same host keeps nothing and opens no browser of this machine', async () => {
  const path = join(directory, 'untouched.db');
  const browser = new ScriptedBrowser();
  const container = inTests(desktopContainer(path), browser);
  expect(JSON.stringify(await main(container, oauthServer()))).toContain('alice');
  expect(browser.opened).toHaveLength(1);
  expect(existsSync(path)).toBe(false);
});

test('the aggregator asks for the owner, encrypts, and its client of Redis stays its own', async () => {
  const client = new Redis({ lazyConnect: true });
  const keys = keyRing([{ id: 'page', key: new Uint8Array(32) }]);
  const container = aggregatorContainer(client, { load: () => Promise.resolve(keys) }, new Uint8Array(32));
  const oauth = container.get(manyOwnersOAuthClientIdentifier);
  expect(oauth.session({ resource: mcp.url, owner: 'alice' })).toBeDefined();
  // @ts-expect-error -- the owner is missing
  expect(() => oauth.session({ resource: mcp.url })).toThrow(/many owners/);
  const store = container.get(tokenStoreIdentifier);
  expect(store).not.toBeInstanceOf(RedisTokenStore);
  await container.unbindAllAsync();
  expect(client.status).toBe('wait');
  client.disconnect();
});

@injectable()
class MyTokenStore extends MemoryTokenStore {}

test.each<[string, () => ContainerModule]>([
  ['of a configured address', () => configuredStorageModule('memory:')],
  ['of a decorated class', () => decoratedStorageModule(MyTokenStore)],
])('a store %s is bound and closed', async (_, storage) => {
  const container = new Container();
  container.load(storage(), oauthClientModule({ client: { client_name: 'Own store' } }));
  const oauth = await container.getAsync(oauthClientIdentifier);
  expect(await oauth.session({ resource: mcp.url }).status()).toMatchObject({ state: 'logged_out' });
  const store = container.get(tokenStoreIdentifier);
  await container.unbindAllAsync();
  await expect(store.list('any')).rejects.toMatchObject({ code: 'store_failed' });
});
