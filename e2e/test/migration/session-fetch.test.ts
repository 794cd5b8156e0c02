import { expect, test } from '@jest/globals';
import type { OAuthSession } from '@mcp-oauth/core';
import { faults, freeRedirectUri } from '@mcp-oauth/e2e';
import { failure } from '../step-up/support/step-up-scene.js';
import { wires } from '../step-up/support/wires.js';
import type { ConnectedClient, Wire } from '../step-up/support/wires.js';
import { METADATA_URL, MigrationScene } from './migration-scene.js';

const https = wires
  .filter(({ name }) => name.includes('streamable'))
  .map((wire) => [wire.name, wire] as const);

async function connected(scene: MigrationScene, wire: Wire, session: OAuthSession): Promise<ConnectedClient> {
  const client = await wire.connect(session, scene.mcp);
  scene.onEnd(() => client.close());
  return client;
}

test.each(https)(
  '34: %s: a server that moves asks for one login, and the new one gets nothing of the old grant',
  (_, wire) =>
    MigrationScene.run(async (scene) => {
      const session = scene.session();
      await session.authorize();
      const client = await connected(scene, wire, session);
      scene.move();
      const errors = await Promise.all(Array.from({ length: 20 }, () => failure(client.call('add'))));
      expect(new Set(errors.map((error) => error?.code))).toEqual(new Set(['authorization_required']));
      expect(await failure(client.call('add'))).toMatchObject({ reason: 'issuer_changed' });
      expect(await session.status()).toMatchObject({ state: 'login_required', issuer: scene.first.issuer });
      await Promise.all(Array.from({ length: 20 }, () => session.authorize()));
      await client.call('whoami');
      expect(scene.browser.opened.map(({ origin }) => origin)).toEqual([
        scene.first.origin,
        scene.second.origin,
      ]);
      expect(scene.second.counts()).toMatchObject({ register: 1, authorize: 1, token: 1 });
      expect(await session.status()).toMatchObject({ state: 'logged_in', issuer: scene.second.issuer });
      expect(scene.leaked()).toEqual([]);
      expect(await scene.kept()).toEqual([]);
      // Their end is the first server's own affair: a revocation might end more than this login.
      expect(scene.first.counts().revoke).toBe(0);
    }),
);

test.each(https)(
  '34: %s: the old server may be gone for good, and the refresh token goes nowhere else',
  (_, wire) =>
    MigrationScene.run(async (scene) => {
      let aheadMs = 0;
      const session = scene.session(scene.host({ now: () => Date.now() + aheadMs }));
      await session.authorize();
      const client = await connected(scene, wire, session);
      scene.move();
      for (const endpoint of ['token', 'metadata', 'authorize', 'register'] as const) {
        scene.first.failAlways(endpoint, faults.reset());
      }
      aheadMs = 61_000;
      expect(await failure(client.call('add'))).toMatchObject({ reason: 'issuer_changed' });
      await session.authorize();
      await client.call('whoami');
      expect(scene.browser.opened).toHaveLength(2);
      expect(scene.leaked()).toEqual([]);
      expect(await scene.kept()).toEqual([]);
      // The new grant is renewed where it is from.
      scene.second.expireAccessTokens();
      await client.call('whoami');
      expect([scene.refreshesAt(scene.first), scene.refreshesAt(scene.second)]).toEqual([1, 1]);
    }),
);

test('34: every process knows of the move, and none refreshes at the old server any more', () =>
  MigrationScene.run(async (scene) => {
    const session = scene.session();
    await session.authorize();
    scene.move();
    const ping = { method: 'POST', body: '{}' };
    await failure(session.fetch(scene.mcp.url, ping));
    const before = scene.first.counts().token;
    const later = scene.session();
    expect(await failure(later.fetch(scene.mcp.url, ping))).toMatchObject({ reason: 'issuer_changed' });
    expect(await failure(later.accessToken())).toMatchObject({ reason: 'issuer_changed' });
    expect(scene.first.counts().token).toBe(before);
    expect(scene.events).toContainEqual(
      expect.objectContaining({ type: 'authorization_required', reason: 'issuer_changed' }),
    );
  }));

test('34: a web host begins at the new server, and what was begun at the old one ends there alone', () =>
  MigrationScene.run(async (scene) => {
    const redirectUri = 'https://host.example/callback';
    await scene.session().authorize();
    const begun = await scene.session().beginAuthorization({ redirectUri });
    scene.move();
    await failure(scene.session().fetch(scene.mcp.url, { method: 'POST', body: '{}' }));
    const again = await scene.session().beginAuthorization({ redirectUri });
    expect([begun, again].map(({ authorizationUrl }) => authorizationUrl.origin)).toEqual([
      scene.first.origin,
      scene.second.origin,
    ]);
    expect(again.authorizationUrl.searchParams.get('client_id')).not.toBe(
      begun.authorizationUrl.searchParams.get('client_id'),
    );
    expect(scene.second.counts().register).toBe(1);
    expect(scene.leaked()).toEqual([]);
  }));

test('36: a client metadata document is the same client at the new server, and nothing is registered', () =>
  MigrationScene.run(async (scene) => {
    const redirectUri = await freeRedirectUri();
    for (const server of [scene.first, scene.second]) {
      server.behaviour.metadata = { client_id_metadata_document_supported: true };
      server.addClient({ clientId: METADATA_URL, redirectUris: [redirectUri] });
    }
    const oauth = scene.host({ clientMetadataUrl: METADATA_URL });
    const callbackPort = Number(new URL(redirectUri).port);
    const session = oauth.session({ resource: scene.mcp.url }, { callbackPort });
    await session.authorize();
    scene.move();
    await failure(session.fetch(scene.mcp.url, { method: 'POST', body: '{}' }));
    await session.authorize();
    const ids = scene.browser.opened.map(({ searchParams }) => searchParams.get('client_id'));
    expect(ids).toEqual([METADATA_URL, METADATA_URL]);
    expect([scene.first.counts().register, scene.second.counts().register]).toEqual([0, 0]);
    expect(scene.leaked()).toEqual([]);
  }));

test('an authorization server that is down has not moved: the grant is kept, and nobody is asked', () =>
  MigrationScene.run(async (scene) => {
    const session = scene.session();
    await session.authorize();
    scene.first.expireAccessTokens();
    scene.first.fail('token', faults.reset());
    const error = await failure(session.fetch(scene.mcp.url, { method: 'POST', body: '{}' }));
    expect(error).toMatchObject({ code: 'transient' });
    expect(await session.status()).toMatchObject({ state: 'logged_in' });
    expect(scene.browser.opened).toHaveLength(1);
  }));

test.each([
  ['can not be had', { authorization_servers: undefined, resource: 'https://else.example' }],
  ['names none', { authorization_servers: [] }],
])('metadata that %s is no move', (_, metadata) =>
  MigrationScene.run(async (scene) => {
    const session = scene.session();
    await session.authorize();
    scene.mcp.behaviour.metadata = metadata;
    scene.first.expireAccessTokens();
    scene.first.fail('token', faults.reset());
    const error = await failure(session.fetch(scene.mcp.url, { method: 'POST', body: '{}' }));
    expect(error).toMatchObject({ code: 'transient' });
    expect(await session.status()).toMatchObject({ state: 'logged_in' });
  }),
);

test('a server that names the old one among others has not moved', () =>
  MigrationScene.run(async (scene) => {
    const session = scene.session();
    await session.authorize();
    scene.mcp.behaviour.metadata = { authorization_servers: [scene.second.issuer, `${scene.first.issuer}/`] };
    scene.first.expireAccessTokens();
    scene.first.fail('token', faults.reset());
    const error = await failure(session.fetch(scene.mcp.url, { method: 'POST', body: '{}' }));
    expect(error).toMatchObject({ code: 'transient' });
    expect(await session.status()).toMatchObject({ state: 'logged_in' });
  }));
