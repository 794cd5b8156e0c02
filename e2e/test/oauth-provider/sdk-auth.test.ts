import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryTokenStore, createOAuthClient } from '@mcp-oauth/core';
import { ScriptedBrowser, startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { RunningMcpServer, StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { LoopbackCallbackListener } from '@mcp-oauth/node';
import { SessionOAuthProvider } from '@mcp-oauth/transport-factory';
import { connectedThrough, providerSdks } from './support/provider-sdks.js';
import type { ProviderClient } from './support/provider-sdks.js';

let server: StrictAuthorizationServer;
let mcp: RunningMcpServer;
let browser: ScriptedBrowser;
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  server = await startStrictAuthorizationServer({ accessTokenTtl: 60 });
  mcp = await startMcpServer({ authorizationServers: [server] });
  browser = new ScriptedBrowser();
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await mcp.close();
  await server.close();
});

function provider(): SessionOAuthProvider {
  const oauth = createOAuthClient({
    store: new MemoryTokenStore(),
    client: { client_name: 'Test host' },
    browser,
    callbackListener: new LoopbackCallbackListener(),
  });
  closing.push(() => oauth.close());
  return new SessionOAuthProvider({
    session: oauth.session({ resource: mcp.url }),
    client: { client_name: 'Test host' },
  });
}

const call = (client: ProviderClient) => client.callTool({ name: 'whoami', arguments: {} });

describe.each(providerSdks)('$name', (sdk) => {
  test('a login through authProvider completes with one registration, one tab and one code', async () => {
    const client = await connectedThrough(sdk, mcp.url, provider(), closing);
    expect(JSON.stringify(await call(client))).toContain('alice');
    expect(browser.opened).toHaveLength(1);
    expect(server.counts()).toMatchObject({ register: 1, token: 1 });
  });

  test('a known expiry is renewed by 1 refresh for 20 calls through authProvider', async () => {
    server.behaviour.accessTokenTtl = 2;
    const client = await connectedThrough(sdk, mcp.url, provider(), closing);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    server.behaviour.accessTokenTtl = 60;
    server.clearLog();
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => call(client)));
    expect(answers.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(server.counts().token).toBe(1);
    expect(browser.opened).toHaveLength(1);
  });

  test('an unexpected 401 for 20 calls costs 1 refresh and no browser, and the calls work when repeated', async () => {
    const client = await connectedThrough(sdk, mcp.url, provider(), closing);
    mcp.revokeAllTokens();
    server.clearLog();
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => call(client)));
    for (const answer of answers) {
      if (answer.status === 'rejected')
        expect(answer.reason).toMatchObject({ name: 'UnauthorizedError', code: 'transient' });
    }
    const again = await Promise.allSettled(Array.from({ length: 20 }, () => call(client)));
    expect(again.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(server.counts().token).toBe(1);
    expect(server.families().map(({ revoked }) => revoked)).toEqual([undefined]);
    expect(browser.opened).toHaveLength(1);
  });
});
