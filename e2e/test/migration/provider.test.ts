import { expect, test } from '@jest/globals';
import { faults } from '@mcp-oauth/e2e';
import { SessionOAuthProvider } from '@mcp-oauth/transport-factory';
import { callThroughProvider, providerHosts } from '../step-up/support/provider-hosts.js';
import { MigrationScene } from './migration-scene.js';

const hosts = providerHosts.map((host) => [host.name, host] as const);

test.each(hosts)(
  '34: %s: through authProvider a server that moves asks for one login, and gets nothing of the old grant',
  (_, host) =>
    MigrationScene.run(async (scene) => {
      const session = scene.session();
      const authProvider = new SessionOAuthProvider({ session, client: { client_name: 'Test host' } });
      await callThroughProvider(host, scene.mcp.url, authProvider, 'whoami');
      scene.move();
      const { error } = await callThroughProvider(host, scene.mcp.url, authProvider, 'whoami');
      expect(error).toBeUndefined();
      expect(scene.first.counts().authorize).toBe(1);
      expect(scene.second.counts()).toMatchObject({ register: 1, authorize: 1, token: 1 });
      expect(scene.refreshesAt(scene.first)).toBeLessThanOrEqual(1);
      expect(scene.leaked()).toEqual([]);
      expect(await scene.kept()).toEqual([]);
    }),
  30_000,
);

test.each(hosts)('34: %s: through authProvider the old server may be gone for good', (_, host) =>
  MigrationScene.run(async (scene) => {
    const session = scene.session();
    const authProvider = new SessionOAuthProvider({ session, client: { client_name: 'Test host' } });
    scene.first.behaviour.accessTokenTtl = 2;
    await callThroughProvider(host, scene.mcp.url, authProvider, 'whoami');
    scene.move();
    scene.first.failAlways('token', faults.reset());
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    const { error } = await callThroughProvider(host, scene.mcp.url, authProvider, 'whoami');
    expect(error).toBeUndefined();
    expect(scene.second.counts()).toMatchObject({ authorize: 1, token: 1 });
    expect(scene.leaked()).toEqual([]);
  }),
);
