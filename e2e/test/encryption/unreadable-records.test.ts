import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { OAuthClient } from '@mcp-oauth/core';
import { encrypted, keyRing } from '@mcp-oauth/storage-encrypted';
import type { EncryptedTokenStore } from '@mcp-oauth/storage-encrypted';
import { sqliteStorage } from './support/storage.js';
import type { Storage } from './support/storage.js';
import { Scene } from './support/whole-login.js';

let storage: Storage;
let scene: Scene;
let store: EncryptedTokenStore;
let oauth: OAuthClient<'many'>;

beforeEach(async () => {
  storage = await sqliteStorage();
  scene = await Scene.start();
  store = encrypted(storage.plain, keyRing([{ id: 'at-rest', key: randomBytes(32) }]));
  oauth = scene.host(store);
});

afterEach(async () => {
  await scene.close();
  await storage.close();
});

const login = async (owner: string) => (await scene.begin(oauth, owner)).finish();

/** Swaps a record of alice with bob's below the encryption, so that nobody can read either, and starts anew. */
async function damage(prefix: string): Promise<void> {
  const keyOf = async (owner: string) => {
    const [partition = ''] = await oauth.partitions({ owner });
    const records = await storage.plain.list(partition);
    return { partition, id: records.find(({ id }) => id.startsWith(prefix))?.id ?? '' };
  };
  await storage.swap(await keyOf('alice'), await keyOf('bob'));
  oauth = scene.host(store);
}

test.each(['tokens', 'all'] as const)(
  'credentials that can not be read are told as corrupt, forgotten by invalidate(%s), and made anew by a login',
  async (kind) => {
    await login('alice');
    await login('bob');
    await damage('credentials-');
    const session = scene.session(oauth, 'alice');
    const corrupt = {
      code: 'store_failed',
      kind: 'corrupt',
      message: expect.stringContaining('session.invalidate("tokens")'),
    };
    await expect(session.accessToken()).rejects.toMatchObject(corrupt);
    await expect(session.revoke()).rejects.toMatchObject(corrupt);
    await session.invalidate(kind);
    await login('alice');
    expect(await scene.whoAmI(scene.session(oauth, 'alice'))).toBe('alice');
    await expect(scene.session(oauth, 'bob').accessToken()).rejects.toMatchObject(corrupt);
  },
);

test('a pending login that can not be read keeps nobody from another one, nor from forgetting everything', async () => {
  await scene.begin(oauth, 'alice');
  await scene.begin(oauth, 'bob');
  await damage('pending-');
  await login('alice');
  expect(await scene.whoAmI(scene.session(oauth, 'alice'))).toBe('alice');
  await scene.session(oauth, 'alice').invalidate('all');
  await expect(scene.session(oauth, 'alice').accessToken()).rejects.toMatchObject({ reason: 'no_grant' });
});
