import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { clientMetadataDocument } from '@mcp-oauth/core';
import type { ClientMetadataDocument, ClientMetadataDocumentOptions } from '@mcp-oauth/core';
import { freeRedirectUri, person, startOidcProvider, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { OidcProvider } from '@mcp-oauth/e2e';
import { refusal, Scene } from './scene.js';

const url = 'https://host.example/oauth/client.json';
const WEB = 'https://host.example/callback';

let scene: Scene;
let here: string;

beforeEach(async () => {
  scene = new Scene();
  here = await freeRedirectUri();
});
afterEach(() => scene.close());

const document = (options: Partial<ClientMetadataDocumentOptions> = {}) =>
  clientMetadataDocument({ url, client: { client_name: 'Test host' }, redirectUris: [here], ...options });

async function provider(published: ClientMetadataDocument): Promise<OidcProvider> {
  return scene.keep(
    await startOidcProvider({ clientMetadataDocuments: { [published.client_id]: published } }),
  );
}

const callback = () => ({ callbackPort: Number(new URL(here).port) });

const registrations = (as: OidcProvider) => as.counts()['POST /reg'] ?? 0;

test('a server that takes metadata documents knows the host by its address, and nobody registers', async () => {
  const as = await provider(document());
  const mcp = await scene.mcpServer(as);
  const session = scene.desktop({ clientMetadataUrl: url }).session({ resource: mcp.url }, callback());
  await session.authorize();
  expect(await session.status()).toMatchObject({ state: 'logged_in', clientId: url, renewable: true });
  expect(registrations(as)).toBe(0);
  const [opened] = scene.browser.opened;
  expect(opened?.searchParams.get('client_id')).toBe(url);
  const before = await session.accessToken();
  const rejected = await session.currentToken();
  const renewed = await session.currentToken({ rejected });
  expect(renewed.access_token).not.toBe(before);
  expect(as.errors()).toEqual([]);
});

test('a host with a key proves itself by it, and its document has the public half alone', async () => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey);
  const published = document({
    redirectUris: [WEB],
    jwks: { keys: [{ kty, crv, x, y, kid: 'key-1', alg: 'ES256', use: 'sig' } as JsonWebKey] },
  });
  const as = await provider(published);
  const mcp = await scene.mcpServer(as);
  const oauth = scene.desktop({
    clientMetadataDocument: published,
    clientKey: { key: pair.privateKey, kid: 'key-1' },
  });
  const session = oauth.session({ resource: mcp.url });
  const { authorizationUrl, binding } = await session.beginAuthorization({ redirectUri: WEB });
  await oauth.completeAuthorization(await person.consent(authorizationUrl), { binding });
  expect(await session.status()).toMatchObject({ state: 'logged_in', clientId: url });
  expect(as.errors()).toEqual([]);
  expect(registrations(as)).toBe(0);
});

test('a server that takes none gets a registration instead', async () => {
  const as = scene.keep(await startStrictAuthorizationServer());
  const mcp = await scene.mcpServer(as);
  const session = scene.desktop({ clientMetadataDocument: document() }).session({ resource: mcp.url });
  await session.authorize();
  expect(as.counts()).toMatchObject({ register: 1 });
  expect((await session.status()).clientId).not.toBe(url);
});

test('a host that moves to another server keeps its client_id, and registers nowhere', async () => {
  const [one, other] = [await provider(document()), await provider(document())];
  const mcp = await scene.mcpServer(one);
  const session = scene.desktop({ clientMetadataUrl: url }).session({ resource: mcp.url }, callback());
  await session.authorize();
  mcp.behaviour.metadata = { authorization_servers: [other.issuer] };
  await session.invalidate('discovery');
  await session.invalidate('tokens');
  await session.authorize();
  expect(await session.status()).toMatchObject({ issuer: other.issuer, clientId: url });
  expect(registrations(one) + registrations(other)).toBe(0);
});

test('with its document a host takes the next address that is listed where a port is taken', async () => {
  const taken = createServer();
  taken.listen(0, '127.0.0.1');
  await once(taken, 'listening');
  scene.keep({ close: () => new Promise((resolve) => taken.close(() => resolve())) });
  const { port } = taken.address() as { port: number };
  const published = document({ redirectUris: [`http://127.0.0.1:${String(port)}/cb`, here, WEB] });
  const as = await provider(published);
  const mcp = await scene.mcpServer(as);
  const session = scene.desktop({ clientMetadataDocument: published }).session({ resource: mcp.url });
  await session.authorize();
  expect(scene.browser.opened[0]?.searchParams.get('redirect_uri')).toBe(here);
});

test('an address that the document does not list is refused before anything is opened', async () => {
  const published = document();
  const as = await provider(published);
  const mcp = await scene.mcpServer(as);
  const oauth = scene.desktop({ clientMetadataDocument: published });
  const on = oauth.session({ resource: mcp.url }, { callbackPort: 4_000 });
  expect(await refusal(on.authorize())).toMatchObject({ code: 'invalid_config' });
  const begin = oauth.session({ resource: mcp.url }).beginAuthorization({ redirectUri: WEB });
  const error = await refusal(begin);
  expect(error).toMatchObject({ code: 'invalid_config' });
  expect(error.message).toContain(WEB);
  expect(error.message).toContain(here);
  expect(scene.browser.opened).toEqual([]);
});
