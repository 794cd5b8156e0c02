import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { OAuthClient, SessionSettings } from '@mcp-oauth/core';
import { expectNoLeaks, person, startStrictAuthorizationServer, withWorkers } from '@mcp-oauth/e2e';
import type { RunningMcpServer, StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { refusal, Scene } from './scene.js';

const redirectUri = 'https://host.example/callback';
const module = new URL('beginning-worker.mjs', import.meta.url);

let scene: Scene;
let honest: StrictAuthorizationServer;
let evil: StrictAuthorizationServer;
let mcp: RunningMcpServer;
let settings: SessionSettings;
let directory: string;

beforeEach(async () => {
  scene = new Scene();
  honest = scene.keep(await startStrictAuthorizationServer({ registration: false }));
  evil = scene.keep(await startStrictAuthorizationServer());
  mcp = await scene.mcpServer(honest);
  const { clientId, clientSecret } = honest.addClient({
    redirectUris: [redirectUri],
    authenticationMethod: 'client_secret_basic',
  });
  settings = { clientId, clientSecret };
  directory = await mkdtemp(join(tmpdir(), 'mcp-oauth-issuer-'));
});
afterEach(async () => {
  await scene.close();
  await rm(directory, { recursive: true, force: true });
});

function name(...servers: readonly StrictAuthorizationServer[]): void {
  mcp.behaviour.metadata = { authorization_servers: servers.map(({ issuer }) => issuer) };
}

/** A host that was just started, over the store on disk. */
function host(): OAuthClient {
  return scene.desktop({ store: scene.keep(new FileTokenStore({ directory: join(directory, 'store') })) });
}

async function logIn(oauth: OAuthClient, own: SessionSettings = settings): Promise<void> {
  const { authorizationUrl, binding } = await oauth
    .session({ resource: mcp.url }, own)
    .beginAuthorization({ redirectUri });
  await oauth.completeAuthorization(await person.consent(authorizationUrl), { binding });
}

async function expectRefused(oauth: OAuthClient, own: SessionSettings = settings): Promise<Error> {
  evil.clearLog();
  const begin = oauth.session({ resource: mcp.url }, own).beginAuthorization({ redirectUri });
  const error = await refusal(begin);
  expect(error).toMatchObject({ code: 'issuer_mismatch' });
  expectNoLeaks({ error }, [...honest.secrets(), own.clientSecret ?? '']);
  // Not even its metadata.
  expect(evil.log()).toEqual([]);
  return error;
}

test('A67: the first issuer of a client is remembered for every process, and a logout does not change that', async () => {
  await logIn(host());
  name(evil);
  await expectRefused(host());
  const later = host();
  await later.session({ resource: mcp.url }, settings).revoke();
  await expectRefused(host());
  await later.session({ resource: mcp.url }, settings).invalidate('tokens');
  await expectRefused(later);
  name(honest);
  await logIn(host());
});

test('A67: a login that was only begun counts, so that the server can not change before the second', async () => {
  await host().session({ resource: mcp.url }, settings).beginAuthorization({ redirectUri });
  name(evil);
  const error = await expectRefused(host());
  for (const text of [mcp.url.href, honest.issuer, evil.issuer, 'issuer'])
    expect(error.message).toContain(text);
});

test.each(['client', 'all'] as const)(
  "a person who invalidates '%s' has the client used at another issuer",
  async (kind) => {
    const oauth = host();
    await logIn(oauth);
    await oauth.session({ resource: mcp.url }).invalidate(kind);
    evil.addClient({ clientId: settings.clientId ?? '', redirectUris: [redirectUri] });
    name(evil);
    const session = host().session({ resource: mcp.url }, settings);
    const { authorizationUrl } = await session.beginAuthorization({ redirectUri });
    expect(authorizationUrl.origin).toBe(evil.origin);
    name(honest);
    const back = await refusal(
      host().session({ resource: mcp.url }, settings).beginAuthorization({ redirectUri }),
    );
    expect(back).toMatchObject({ code: 'issuer_mismatch' });
  },
);

test('A67: with a configured issuer no other one hears of the client, from the first login on', async () => {
  const own = { ...settings, issuer: honest.issuer };
  name(evil);
  const error = await expectRefused(host(), own);
  for (const text of [mcp.url.href, honest.issuer, evil.issuer, 'configured'])
    expect(error.message).toContain(text);
  name(evil, honest);
  await logIn(host(), own);
  expect(evil.log()).toEqual([]);
  expect(honest.counts()).toMatchObject({ token: 1 });
});

test('a configured issuer is asked where the MCP server names none, with its resource', async () => {
  mcp.behaviour.metadata = { authorization_servers: undefined };
  await logIn(host(), { ...settings, issuer: honest.issuer });
  expect(honest.families()).toMatchObject([{ resource: mcp.url.href }]);
});

test('A67: a client of another name is no way around the remembered issuer of the first', async () => {
  await logIn(host());
  name(evil);
  evil.addClient({ clientId: 'other', redirectUris: [redirectUri] });
  // A client of its own at the other server is what the host wants.
  await logIn(host(), { clientId: 'other' });
  await expectRefused(host());
});

test('A67: of processes that begin at the same moment, while the server names one and then another, all go to one', async () => {
  const input = { directory: join(directory, 'store'), resource: mcp.url.href, settings, redirectUri };
  evil.addClient({ clientId: settings.clientId ?? '', redirectUris: [redirectUri] });
  await withWorkers({ module, count: 6, input: () => input }, async (workers) => {
    for (const worker of workers) expect(await worker.next()).toBe('ready');
    const results: Promise<unknown>[] = [];
    for (const [index, worker] of workers.entries()) {
      worker.send('go');
      results.push(worker.result());
      if (index === 2) name(evil);
    }
    const outcomes = (await Promise.all(results)) as { origin?: string; code?: string }[];
    const origins = new Set(outcomes.flatMap(({ origin }) => origin ?? []));
    expect(origins.size).toBe(1);
    const refused = outcomes.filter(({ origin }) => origin === undefined);
    expect(refused.every(({ code }) => code === 'issuer_mismatch')).toBe(true);
  });
}, 40_000);
