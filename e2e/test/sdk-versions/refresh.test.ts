import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import type { OAuthSession } from '@mcp-oauth/core';
import { ScriptedBrowser, startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { RunningMcpServer, StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { LoopbackCallbackListener } from '@mcp-oauth/node';
import { supportedSdks } from './support/supported-sdks.js';
import type { SdkClient, SupportedSdk } from './support/supported-sdks.js';

const CALLS = 20;
let server: StrictAuthorizationServer;
let mcp: RunningMcpServer;
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  server = await startStrictAuthorizationServer({ accessTokenTtl: 2 });
  mcp = await startMcpServer({ authorizationServers: [server] });
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await mcp.close();
  await server.close();
});

/** A person has just logged in. */
async function loggedIn(): Promise<OAuthSession> {
  const oauth = createOAuthClient({
    store: new MemoryTokenStore(),
    client: { client_name: 'Test host' },
    browser: new ScriptedBrowser(),
    callbackListener: new LoopbackCallbackListener(),
  });
  closing.push(() => oauth.close());
  const session = oauth.session({ resource: mcp.url });
  await session.authorize();
  return session;
}

async function connected(sdk: SupportedSdk, session: OAuthSession): Promise<SdkClient> {
  const client = sdk.newClient();
  closing.push(() => client.close());
  await client.connect(new sdk.Http(mcp.url, { fetch: session.fetch }));
  return client;
}

async function refusedCalls(client: SdkClient): Promise<readonly unknown[]> {
  const call = () => client.callTool({ name: 'whoami', arguments: {} });
  const answers = await Promise.allSettled(Array.from({ length: CALLS }, call));
  return answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
}

describe.each(supportedSdks)('SDK $version', (sdk) => {
  test('20 parallel calls on an expired token cost 1 refresh and none fails', async () => {
    const client = await connected(sdk, await loggedIn());
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    server.behaviour.accessTokenTtl = 60;
    server.behaviour.tokenLatencyMs = 50;
    server.clearLog();
    expect(await refusedCalls(client)).toEqual([]);
    expect(server.counts().token).toBe(1);
    expect(server.families()).toMatchObject([{ revoked: undefined, maxInFlight: 1 }]);
  });

  test('20 parallel calls whose token the server refuses cost 1 refresh and none fails', async () => {
    server.behaviour.accessTokenTtl = 60;
    const client = await connected(sdk, await loggedIn());
    server.expireAccessTokens();
    server.clearLog();
    expect(await refusedCalls(client)).toEqual([]);
    expect(server.counts().token).toBe(1);
    expect(server.families()).toMatchObject([{ revoked: undefined, maxInFlight: 1 }]);
  });
});
