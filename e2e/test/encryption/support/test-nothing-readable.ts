import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { TokenStore } from '@mcp-oauth/core';
import { LeakOracle } from '@mcp-oauth/e2e';
import { encrypted, keyRing } from '@mcp-oauth/storage-encrypted';
import type { Storage } from './storage.js';
import { traces } from './traces.js';
import type { Needles } from './traces.js';
import { Scene } from './whole-login.js';

const owner = 'alice.at.rest@people.example';

type Files = ReadonlyMap<string, Buffer>;

interface Remains {
  /** As they were while a login was under way. */
  readonly inUse: Files;
  /** As they were once it was done and the store was closed. */
  readonly closed: Files;
  readonly needles: Needles;
}

/** @param fileNames What the storage consists of while it is in use. The first stays when it is closed. */
export function testNothingReadable(start: () => Promise<Storage>, fileNames: [string, ...string[]]): void {
  test('of a login, its calls, a refresh and a pending authorization nothing can be read where they are stored', async () => {
    const key = randomBytes(32);
    const ring = keyRing([{ id: 'at-rest', key }]);
    const { inUse, closed, needles } = await wholeLife(start, (plain) => encrypted(plain, ring));
    expect([...inUse.keys()]).toEqual(expect.arrayContaining(fileNames));
    for (const now of [inUse, closed]) {
      expect(traces(now, { ...needles, key: [key] })).toEqual([]);
      // Parts of secrets are a leak too.
      const oracle = new LeakOracle(Object.values(needles).flat() as string[]);
      for (const [name, bytes] of now) expect(oracle.findIn(bytes, name)).toEqual([]);
    }
  });

  test('without encryption the same search finds all that a record holds; what no record needs is not even there', async () => {
    const { inUse, closed, needles } = await wholeLife(start, (plain) => plain);
    expect(traces(closed, needles)).toContain(`refresh token in ${fileNames[0]}`);
    const kinds = new Set(traces(inUse, needles).map((trace) => trace.split(' in ')[0]));
    expect([...kinds].sort()).toEqual([
      'access token',
      'authorization server',
      'client id',
      'client secret',
      'refresh token',
      'resource',
      'verifier',
    ]);
  });
}

async function wholeLife(
  start: () => Promise<Storage>,
  around: (plain: TokenStore) => TokenStore,
): Promise<Remains> {
  const storage = await start();
  const scene = await Scene.start();
  try {
    const { server, mcp, verifiers } = scene;
    const store = around(storage.plain);
    const oauth = scene.host(store);
    const session = scene.session(oauth, owner);
    const login = await scene.begin(oauth, owner);
    await login.finish();
    expect(await scene.whoAmI(session)).toBe(owner);
    server.expireAccessTokens();
    expect(await scene.whoAmI(session)).toBe(owner);
    expect(server.families()).toMatchObject([{ generation: 2, revoked: undefined }]);
    const pending = await scene.begin(oauth, owner, 'work');
    const inUse = await storage.files();
    await pending.finish();
    await oauth.close();
    await store.close();
    const closed = await storage.files();
    const secrets = server.secrets();
    const ofKind = (kind: string) => secrets.filter((secret) => secret.startsWith(`cnry_${kind}_`));
    return {
      inUse,
      closed,
      needles: {
        'access token': ofKind('access'),
        'refresh token': ofKind('refresh'),
        code: ofKind('code'),
        'client secret': ofKind('secret'),
        verifier: verifiers,
        state: [login.state, pending.state],
        binding: [login.binding, pending.binding],
        'client id': [...new Set(server.families().map(({ clientId }) => clientId))],
        resource: [mcp.url.href],
        'authorization server': [server.issuer],
        owner: [owner],
      },
    };
  } finally {
    await scene.close();
    await storage.close();
  }
}
