import 'reflect-metadata';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { browserIdentifier, oauthClientIdentifier, tokenStoreIdentifier } from '@mcp-oauth/core/inversify';
import { ScriptedBrowser, startMcpServer } from '@mcp-oauth/e2e';
import { createContainer } from '../src/window/container.js';
import { printable } from '../src/window/printable.js';
import { ServerConnections } from '../src/window/server-connections.js';

const file = (name: string) => readFile(join(process.cwd(), 'examples/desktop', name), 'utf8');

test('a port is replaced by rebinding it, decorated classes get theirs, and unbinding closes everything', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'mcp-oauth-desk-'));
  const server = await startMcpServer({ ownAuthorizationServer: {} });
  const options = {
    configurationPath: '',
    dataDirectory: directory,
    keyInFile: true,
    browserOfParent: false,
  };
  const auth = { type: 'oauth' as const };
  const container = await createContainer(options, { mcpServers: { demo: { url: server.url.href, auth } } });
  try {
    const browser = new ScriptedBrowser();
    (await container.rebindAsync(browserIdentifier)).toConstantValue(browser);
    const connections = await container.getAsync(ServerConnections);
    expect((await connections.ask('demo', (client) => client.getServerVersion()))?.name).toBe(
      'mcp-oauth-rig',
    );
    expect(browser.opened).toHaveLength(1);
    const [oauth, store] = [container.get(oauthClientIdentifier), container.get(tokenStoreIdentifier)];
    await browser.visits();
    await container.unbindAllAsync();
    expect(() => oauth.session({ resource: server.url })).toThrow('The OAuth client was closed.');
    await expect(store.list('any')).rejects.toMatchObject({ code: 'store_failed' });
  } finally {
    await container.unbindAllAsync();
    await server.close();
    await rm(directory, { recursive: true, force: true });
  }
});

test('what a server says can not move the cursor of the terminal, and fits', () => {
  expect(printable('a\u001b[2Jb\r\nc\u009bd\u202ee')).toBe('a [2Jb c d e');
  expect(printable('x'.repeat(5_000))).toHaveLength(1_002);
});

test('the README quotes the wiring as it is', async () => {
  const [, quoted = ''] = /```ts\n([\s\S]*?)```/.exec(await file('README.md')) ?? [];
  expect(quoted.length).toBeGreaterThan(100);
  const flat = (text: string) => text.replace(/\s+/g, ' ').trim();
  expect(flat(await file('src/window/container.ts'))).toContain(flat(quoted));
});
