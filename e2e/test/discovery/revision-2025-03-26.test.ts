import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { faults, freeRedirectUri, startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { RunningMcpServer, StrictAuthorizationServer, StrictServerOptions } from '@mcp-oauth/e2e';
import { refusal, Scene } from '../registration/scene.js';

let scene: Scene;

beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.close());

/** An MCP server of that revision: its own authorization server, and no metadata about the resource. */
async function old(
  ownAuthorizationServer: StrictServerOptions = {},
): Promise<{ mcp: RunningMcpServer; as: StrictAuthorizationServer }> {
  const mcp = scene.keep(
    await startMcpServer({ ownAuthorizationServer, metadataPlacement: 'none', path: '/a/mcp' }),
  );
  const as = mcp.authorizationServer;
  if (!as) throw new Error('The MCP server was to be its own authorization server.');
  return { mcp, as };
}

async function expectWholeLogin(mcp: RunningMcpServer, as: StrictAuthorizationServer): Promise<void> {
  const session = scene.desktop().session({ resource: mcp.url });
  await session.authorize();
  const rejected = await session.currentToken();
  expect(await session.currentToken({ rejected })).toMatchObject({ generation: 2, issuer: mcp.origin });
  const asked = as.log().filter(({ endpoint }) => endpoint === 'authorize' || endpoint === 'token');
  expect(asked.map(({ endpoint }) => endpoint)).toEqual(['authorize', 'token', 'token']);
  // That revision has no resource indicators, and nobody else whom a token could be meant for.
  for (const { parameterNames } of asked) expect(parameterNames).not.toContain('resource');
  const answer = await session.fetch(mcp.url, { method: 'POST', body: '{}' });
  expect(answer.status).not.toBe(401);
  await session.revoke();
  expect(as.families()).toMatchObject([{ revoked: 'revocation' }]);
}

test('a server with metadata at its origin is logged in to, refreshed and revoked at', async () => {
  const { mcp, as } = await old();
  await expectWholeLogin(mcp, as);
  const paths = mcp.log().map(({ path }) => path);
  expect(paths.slice(paths.indexOf('/.well-known/oauth-protected-resource/a/mcp')).slice(0, 2)).toEqual([
    '/.well-known/oauth-protected-resource/a/mcp',
    '/.well-known/oauth-protected-resource',
  ]);
  const metadata = as.log().find(({ endpoint }) => endpoint === 'metadata');
  expect(metadata?.headerNames).toContain('mcp-protocol-version');
});

test('a server without any metadata is asked at the default endpoints of its origin', async () => {
  const { mcp, as } = await old({ metadataLocations: [] });
  const session = scene.desktop().session({ resource: mcp.url });
  await session.authorize();
  const rejected = await session.currentToken();
  expect(await session.currentToken({ rejected })).toMatchObject({ generation: 2, issuer: mcp.origin });
  expect(as.counts()).toMatchObject({ register: 1, authorize: 1, token: 2 });
  expect(as.log().map(({ path }) => path)).toEqual(['/register', '/authorize', '/token', '/token']);
});

test('a server without any metadata and without registration says what a person can do, and a client of theirs works', async () => {
  const { mcp, as } = await old({ metadataLocations: [], registration: false });
  const error = await refusal(scene.desktop().session({ resource: mcp.url }).authorize());
  expect(error).toMatchObject({ code: 'registration_failed', issuer: mcp.origin });
  expect(error.message).toMatch(/configure its clientId/);
  const here = await freeRedirectUri();
  const { clientId } = as.addClient({ redirectUris: [here] });
  const settings = { clientId, callbackPort: Number(new URL(here).port) };
  const session = scene.desktop().session({ resource: mcp.url }, settings);
  await session.authorize();
  expect(await session.status()).toMatchObject({ state: 'logged_in', clientId, issuer: mcp.origin });
});

test('A67: a client that was used at such a server is not shown to another one that its metadata names later', async () => {
  const { mcp, as } = await old();
  const evil = scene.keep(await startStrictAuthorizationServer());
  const here = await freeRedirectUri();
  const { clientId } = as.addClient({ redirectUris: [here] });
  const settings = { clientId, callbackPort: Number(new URL(here).port) };
  const session = scene.desktop().session({ resource: mcp.url }, settings);
  await session.authorize();
  await session.invalidate('tokens');
  mcp.behaviour.metadataPlacement = 'path';
  mcp.behaviour.metadata = { authorization_servers: [evil.issuer] };
  expect(await refusal(session.authorize())).toMatchObject({ code: 'issuer_mismatch', expected: mcp.origin });
  expect(evil.log()).toEqual([]);
});

test('a server that is in trouble is never taken for one of that revision', async () => {
  const as = scene.keep(await startStrictAuthorizationServer());
  const mcp = await scene.mcpServer(as);
  mcp.failAlways('metadata', faults.unavailableHtml());
  mcp.behaviour.challenge = () => 'Bearer';
  expect(await refusal(scene.desktop().session({ resource: mcp.url }).authorize())).toMatchObject({
    code: 'transient',
  });
  expect(mcp.log().some(({ path }) => path.includes('oauth-authorization-server'))).toBe(false);
});
