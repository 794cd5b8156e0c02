import { afterEach, expect, test } from '@jest/globals';
import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import { ScriptedBrowser, startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { McpBehaviour, RunningMcpServer } from '@mcp-oauth/e2e';
import { LoopbackCallbackListener } from '@mcp-oauth/node';
import { SessionOAuthProvider } from '@mcp-oauth/transport-factory/v2';
import * as v2 from '@modelcontextprotocol/client';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import * as v20 from 'mcp-client-2.0';

interface Sdk {
  readonly Client: new (info: { name: string; version: string }) => {
    connect(transport: never): Promise<void>;
    callTool(request: { name: string; arguments: Record<string, never> }): Promise<unknown>;
    close(): Promise<void>;
  };
  readonly StreamableHTTPClientTransport: new (
    url: URL,
    options: { authProvider: SessionOAuthProvider },
  ) => { finishAuth(code: string): Promise<void>; close(): Promise<void> };
  readonly UnauthorizedError: abstract new (...args: never[]) => Error;
}

const sdk1: Sdk = { Client, StreamableHTTPClientTransport, UnauthorizedError };
const sdk2: Sdk = v2;
const sdk20: Sdk = v20;

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Servers that offer bound tokens, or want them, and whose every proof needs a nonce. */
async function servers(dpop: McpBehaviour['dpop'], accessTokenTtl = 60) {
  const server = await startStrictAuthorizationServer({ dpop: 'offered', dpopNonces: true, accessTokenTtl });
  closing.push(() => server.close());
  const mcp = await startMcpServer({ authorizationServers: [server], dpop, dpopNonces: true });
  closing.push(() => mcp.close());
  return { server, mcp };
}

function providers(mcp: RunningMcpServer): () => SessionOAuthProvider {
  const store = new MemoryTokenStore();
  return () => {
    const client = { client_name: 'Test host' };
    const [browser, callbackListener] = [new ScriptedBrowser(), new LoopbackCallbackListener()];
    const oauth = createOAuthClient({ store, client, browser, callbackListener });
    closing.push(() => oauth.close());
    return new SessionOAuthProvider({ session: oauth.session({ resource: mcp.url }), client });
  };
}

/** Connected through `authProvider` alone, after a login where one is asked for. */
async function connected(sdk: Sdk, { url }: RunningMcpServer, authProvider: SessionOAuthProvider) {
  const connect = async (transport: InstanceType<Sdk['StreamableHTTPClientTransport']>) => {
    const client = new sdk.Client({ name: 'test', version: '1' });
    closing.push(() => client.close());
    await client.connect(transport as never);
    return client;
  };
  const first = new sdk.StreamableHTTPClientTransport(url, { authProvider });
  try {
    return await connect(first);
  } catch (error) {
    if (!(error instanceof sdk.UnauthorizedError)) throw error;
    await first.finishAuth(await authProvider.authorizationCode());
    await first.close();
  }
  return await connect(new sdk.StreamableHTTPClientTransport(url, { authProvider }));
}

const whoAmI = { name: 'whoami', arguments: {} };
const schemes = (mcp: RunningMcpServer) => new Set(mcp.log().flatMap(({ scheme }) => scheme ?? []));

test('SDK v2 logs in and calls with bound tokens through authProvider, with the nonces of both servers', async () => {
  const { mcp } = await servers('required');
  const client = await connected(sdk2, mcp, providers(mcp)());
  await client.callTool(whoAmI);
  await client.callTool(whoAmI);
  expect(schemes(mcp)).toEqual(new Set(['dpop']));
});

test('a bound token is renewed ahead of its end, by the key that it is bound to, also by the next process', async () => {
  const { server, mcp } = await servers('required', 2);
  const provider = providers(mcp);
  await (await connected(sdk2, mcp, provider())).callTool(whoAmI);
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  const client = await connected(sdk2, mcp, provider());
  await client.callTool(whoAmI);
  expect(server.families()).toHaveLength(1);
  expect(server.log().filter(({ grantType }) => grantType === 'refresh_token').length).toBeGreaterThan(0);
  expect(schemes(mcp)).toEqual(new Set(['dpop']));
});

test('calls go on with the bound token of the login before, while the next login has another key', async () => {
  const { server, mcp } = await servers('required');
  mcp.behaviour.missingScope = (operation, granted) =>
    operation === 'tools/call admin_only' && !granted.includes('mcp:admin') ? 'mcp:admin' : undefined;
  const authProvider = providers(mcp)();
  const client = await connected(sdk2, mcp, authProvider);
  const transport = new v2.StreamableHTTPClientTransport(mcp.url, { authProvider });
  const stepping = new v2.Client({ name: 'test', version: '1' });
  closing.push(() => stepping.close());
  await stepping.connect(transport);
  await expect(stepping.callTool({ name: 'admin_only', arguments: {} })).rejects.toThrow(
    v2.UnauthorizedError,
  );
  await client.callTool(whoAmI);
  await transport.finishAuth(await authProvider.authorizationCode());
  await stepping.callTool({ name: 'admin_only', arguments: {} });
  await client.callTool(whoAmI);
  expect(server.families()).toHaveLength(2);
  expect(schemes(mcp)).toEqual(new Set(['dpop']));
});

test.each([
  ['SDK v1', sdk1],
  ['SDK v2 before 2.1', sdk20],
])('%s, which sends no proofs, gets bearer tokens where both are taken', async (_, sdk) => {
  const { mcp } = await servers('offered');
  await (await connected(sdk, mcp, providers(mcp)())).callTool(whoAmI);
  expect(schemes(mcp)).toEqual(new Set(['bearer']));
});

test.each([
  ['SDK v1', sdk1],
  ['SDK v2 before 2.1', sdk20],
])('%s, which sends no proofs, is told so where nothing but bound tokens is taken', async (_, sdk) => {
  const { server, mcp } = await servers('required');
  await expect(connected(sdk, mcp, providers(mcp)())).rejects.toMatchObject({ code: 'dpop_unsupported' });
  expect(server.families()).toEqual([]);
});

test.each([
  ['SDK v1', sdk1],
  ['SDK v2 before 2.1', sdk20],
])(
  '%s is told so where the login that is stored has a bound token, and nobody is asked to log in',
  async (_, sdk) => {
    const { server, mcp } = await servers('offered');
    const provider = providers(mcp);
    await connected(sdk2, mcp, provider());
    await expect(connected(sdk, mcp, provider())).rejects.toMatchObject({ code: 'dpop_unsupported' });
    expect(server.families()).toHaveLength(1);
  },
);
