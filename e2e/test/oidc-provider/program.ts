import { expect } from '@jest/globals';
import { clientMetadataDocument, createOAuthClient } from '@mcp-oauth/core';
import type { OAuthClient, OAuthClientSettings, OAuthSession, TokenStore } from '@mcp-oauth/core';
import { freeRedirectUri, person, ScriptedBrowser, startMcpServer, startOidcProvider } from '@mcp-oauth/e2e';
import type { OidcProvider, OidcProviderOptions, RunningMcpServer } from '@mcp-oauth/e2e';
import { LoopbackCallbackListener } from '@mcp-oauth/node';
import type { McpClient, Sdk } from '../transport-factory/sdks.js';
import { SnapshotStore } from './snapshot-store.js';

/** What the server is like, and with that the way in which the program comes to its tokens. */
export interface Setting {
  readonly server: OidcProviderOptions;
  /** Whether the host publishes a client metadata document. Default: it registers itself. */
  readonly document?: boolean;
  /** Whether the person logs in on another device. Default: by a browser on this one. */
  readonly device?: boolean;
  /** Whether the MCP server takes nothing but tokens that are bound to a key. */
  readonly bound?: boolean;
}

/** Where the host publishes its document. */
export const DOCUMENT_URL = 'https://host.example/oauth/client.json';

/** What there was to see from outside once the program has run. */
export interface ProgramTrace {
  readonly server: OidcProvider;
  readonly mcp: RunningMcpServer;
  /** The addresses that the browser was shown. */
  readonly opened: readonly URL[];
  /** What the server did with the tokens in the end. */
  readonly revoked: unknown;
}

/**
 * A whole life with one MCP server, the same over every SDK and before every server: a forged answer, a login, calls, a
 * refresh, a step-up, a refresh token that is used twice, and the end.
 */
export async function runProgram(sdk: Sdk, setting: Setting): Promise<ProgramTrace> {
  const redirectUri = await freeRedirectUri();
  const document = clientMetadataDocument({
    url: DOCUMENT_URL,
    client: { client_name: 'Program' },
    redirectUris: [redirectUri],
  });
  const server = await startOidcProvider({
    ...setting.server,
    clientMetadataDocuments: { [DOCUMENT_URL]: document },
  });
  const mcp = await startMcpServer({
    authorizationServers: [server],
    ...(setting.bound === true ? { dpop: 'required' } : {}),
  });
  const browser = new ScriptedBrowser();
  const store = new SnapshotStore();
  const closing: (() => Promise<void>)[] = [() => server.close(), () => mcp.close()];
  const browsing =
    setting.device === true ? {} : { browser, callbackListener: new LoopbackCallbackListener() };
  const host = (over: TokenStore): Host => {
    const made = new Host(sdk, mcp, over, {
      ...browsing,
      ...(setting.document === true ? { clientMetadataDocument: document } : {}),
    });
    closing.push(() => made.close());
    return made;
  };
  try {
    const first = host(store);
    if (setting.device !== true) await expectIssIsChecked(server, first, redirectUri);
    await first.logIn(setting);
    const client = await first.connect();
    expect(await whoami(client)).toMatchObject({ subject: 'alice', scopes: ['mcp:tools'] });

    const backup = await store.copy();
    await expectOneRefresh(server, mcp, client);

    await expectStepUp(setting, first.session, client);
    expect(await whoami(client)).toMatchObject({ scopes: ['mcp:tools', 'mcp:admin'] });

    await expectReuseIsNoticed(server, mcp, host(backup));
    expect(await whoami(client)).toMatchObject({ subject: 'alice' });

    const revoked = await first.session.revoke();
    expect(await first.session.status()).toMatchObject({ state: 'logged_out' });
    return { server, mcp, opened: browser.opened, revoked };
  } finally {
    for (const end of closing.reverse()) await end();
  }
}

/** One process of the program. */
class Host {
  readonly oauth: OAuthClient;
  readonly session: OAuthSession;
  readonly #sdk: Sdk;
  readonly #url: URL;
  readonly #clients: McpClient[] = [];

  constructor(sdk: Sdk, mcp: RunningMcpServer, store: TokenStore, settings: Partial<OAuthClientSettings>) {
    this.#sdk = sdk;
    this.#url = mcp.url;
    this.oauth = createOAuthClient({ store, client: { client_name: 'Program' }, ...settings });
    this.session = this.oauth.session({ resource: mcp.url });
  }

  async logIn({ device }: Setting): Promise<void> {
    if (device === true) await authorizeDevice(this.session);
    else await this.session.authorize();
  }

  async connect(): Promise<McpClient> {
    const factory = this.#sdk.createTransportFactory({ oauth: this.oauth });
    const client = this.#sdk.newClient();
    this.#clients.push(client);
    const url = this.#url.href;
    await client.connect(factory.create({ type: 'http', url, auth: { type: 'oauth' } }));
    return client;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) await client.close();
    await this.oauth.close();
  }
}

async function authorizeDevice(session: OAuthSession, scope?: string): Promise<void> {
  await session.authorizeDevice({
    onUserCode: ({ verificationUriComplete }) => {
      if (!verificationUriComplete) throw new Error('The server gave no complete address.');
      // The person takes their time, and the program must not wait for them here.
      void person.approveDevice(verificationUriComplete);
    },
    ...(scope === undefined ? {} : { scope }),
  });
}

async function whoami(client: McpClient): Promise<unknown> {
  const answer = (await client.callTool({ name: 'whoami', arguments: {} })) as {
    content: [{ text: string }];
  };
  return JSON.parse(answer.content[0].text);
}

/** The person has consented, and the answer comes from another server, or from nobody (RFC 9207). */
async function expectIssIsChecked(server: OidcProvider, host: Host, redirectUri: string): Promise<void> {
  const { authorizationUrl, binding } = await host.session.beginAuthorization({ redirectUri });
  const answer = new URL(await person.consent(authorizationUrl));
  expect(answer.searchParams.get('iss')).toBe(server.issuer);
  const { iss: _, ...unsigned } = Object.fromEntries(answer.searchParams);
  for (const [reason, iss] of [
    ['iss_missing', {}],
    ['iss_mismatch', { iss: 'https://other.example' }],
  ] as const) {
    answer.search = new URLSearchParams({ ...unsigned, ...iss }).toString();
    await expect(host.oauth.completeAuthorization(answer, { binding })).rejects.toMatchObject({ reason });
  }
  expect(tokenRequests(server)).toBe(0);
}

/** Twenty calls whose token the MCP server refuses from one moment to the next. */
async function expectOneRefresh(
  server: OidcProvider,
  mcp: RunningMcpServer,
  client: McpClient,
): Promise<void> {
  const before = tokenRequests(server);
  mcp.revokeAllTokens();
  const calls = Array.from({ length: 20 }, () => whoami(client));
  for (const answer of await Promise.all(calls)) expect(answer).toMatchObject({ subject: 'alice' });
  expect(tokenRequests(server) - before).toBe(1);
}

async function expectStepUp(setting: Setting, session: OAuthSession, client: McpClient): Promise<void> {
  const call = () => client.callTool({ name: 'admin_only', arguments: {} });
  await expect(call()).rejects.toMatchObject({
    code: 'authorization_required',
    reason: 'insufficient_scope',
    scope: 'mcp:tools mcp:admin',
  });
  if (setting.device === true) await authorizeDevice(session);
  else await session.authorize();
  await call();
}

/** A backup of the store that is put back shows the server a refresh token that was used: the grant of it ends there. */
async function expectReuseIsNoticed(server: OidcProvider, mcp: RunningMcpServer, host: Host): Promise<void> {
  const before = server.revokedGrants();
  const rejected = await host.session.currentToken({ dpop: true });
  await expect(host.session.currentToken({ rejected, dpop: true })).rejects.toMatchObject({
    code: 'authorization_required',
    reason: 'grant_rejected',
  });
  expect(server.revokedGrants()).toBe(before + 1);
  expect(mcp.counts().distinctTokens).toBeGreaterThan(1);
}

/** Without those that a server answered by the nonce that it wants in the proof. */
function tokenRequests(server: OidcProvider): number {
  const forNonces = server.errors().filter(({ error }) => error === 'use_dpop_nonce').length;
  return (server.counts()['POST /token'] ?? 0) - forNonces;
}
