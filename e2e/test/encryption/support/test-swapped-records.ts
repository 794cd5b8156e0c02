import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { StoreError } from '@mcp-oauth/core';
import type { OAuthClient, RecordKey, TokenStore } from '@mcp-oauth/core';
import { expectNoLeaks } from '@mcp-oauth/e2e';
import { encrypted, keyRing } from '@mcp-oauth/storage-encrypted';
import type { Storage } from './storage.js';
import { Scene } from './whole-login.js';

export function testSwappedRecords(start: () => Promise<Storage>): void {
  const ring = keyRing([{ id: 'at-rest', key: randomBytes(32) }]);
  let storage: Storage;
  let scene: Scene;
  beforeEach(async () => {
    storage = await start();
    scene = await Scene.start();
  });
  afterEach(async () => {
    await scene.close();
    await storage.close();
  });

  const login = async (store: TokenStore, owner: string, profile?: string): Promise<RecordKey> => {
    const oauth = scene.host(store);
    const before = new Set(await idsOf(oauth, owner));
    await (await scene.begin(oauth, owner, profile)).finish();
    const [id = ''] = (await idsOf(oauth, owner)).filter((other) => !before.has(other));
    return { partition: await partitionOf(oauth, owner), id };
  };
  const idsOf = async (oauth: OAuthClient<'many'>, owner: string) =>
    (await storage.plain.list(await partitionOf(oauth, owner))).map(({ id }) => id);
  const tokenOf = (store: TokenStore, owner: string, profile?: string) =>
    scene.session(scene.host(store), owner, profile).accessToken();

  /** Nothing that a host that begins anew can ask shows anything of either record, and no server is asked. */
  const expectRefused = async (store: TokenStore, owner: string, profile?: string) => {
    const session = scene.session(scene.host(store), owner, profile);
    scene.server.clearLog();
    scene.mcp.clearLog();
    for (const ask of [
      () => session.accessToken(),
      () => session.currentToken(),
      () => session.status(),
      () => session.fetch(scene.mcp.url, { method: 'POST', body: '{}' }),
    ]) {
      const error: unknown = await ask().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(StoreError);
      expect(error).toMatchObject({ code: 'store_failed', kind: 'corrupt' });
      expectNoLeaks({ error }, scene.server.secrets());
    }
    expect(scene.server.log()).toEqual([]);
    expect(scene.mcp.log()).toEqual([]);
  };

  /** Swaps, and verifies that it was done: a swap that fails would prove nothing. */
  const swap = async (one: RecordKey, other: RecordKey) => {
    const before = [await storage.plain.get(one), await storage.plain.get(other)];
    await storage.swap(one, other);
    const after = [await storage.plain.get(other), await storage.plain.get(one)];
    expect(after.map((record) => record?.value)).toEqual(before.map((record) => record?.value));
  };

  test('credentials that were swapped between two owners are refused, and others and what is put back go on', async () => {
    const store = encrypted(storage.plain, ring);
    const [ofAlice, ofBob] = [await login(store, 'alice'), await login(store, 'bob')];
    await login(store, 'carol');
    const own = await tokenOf(store, 'alice');
    await swap(ofAlice, ofBob);
    await expectRefused(store, 'alice');
    await expectRefused(store, 'bob');
    expect(await scene.whoAmI(scene.session(scene.host(store), 'carol'))).toBe('carol');
    await swap(ofAlice, ofBob);
    expect(await tokenOf(store, 'alice')).toBe(own);
    expect(await scene.whoAmI(scene.session(scene.host(store), 'bob'))).toBe('bob');
  });

  test('credentials that were swapped between two ids of one owner are refused, and the other ids of the owner go on', async () => {
    const store = encrypted(storage.plain, ring);
    const [personal, work] = [await login(store, 'alice'), await login(store, 'alice', 'work')];
    await login(store, 'alice', 'third');
    await swap(personal, work);
    await expectRefused(store, 'alice');
    await expectRefused(store, 'alice', 'work');
    expect(await scene.whoAmI(scene.session(scene.host(store), 'alice', 'third'))).toBe('alice');
  });

  test('pending authorizations that were swapped between two owners complete for neither, and no code is spent', async () => {
    const store = encrypted(storage.plain, ring);
    const oauth = scene.host(store);
    const pendingOf = async (owner: string) => {
      const begun = await scene.begin(oauth, owner);
      const id = (await idsOf(oauth, owner)).find((other) => other.startsWith('pending-')) ?? '';
      return { ...begun, record: { partition: await partitionOf(oauth, owner), id } };
    };
    const [ofAlice, ofBob, ofCarol] = [
      await pendingOf('alice'),
      await pendingOf('bob'),
      await pendingOf('carol'),
    ];
    await swap(ofAlice.record, ofBob.record);
    for (const { finish } of [ofAlice, ofBob])
      await expect(finish()).rejects.toMatchObject({ code: 'store_failed', kind: 'corrupt' });
    expect(scene.server.counts().token).toBe(0);
    await ofCarol.finish();
    expect(await scene.whoAmI(scene.session(oauth, 'carol'))).toBe('carol');
  });

  test('an owner whose record was swapped is purged at the store, and logs in anew', async () => {
    const store = encrypted(storage.plain, ring);
    await swap(await login(store, 'alice'), await login(store, 'bob'));
    const oauth = scene.host(store);
    await store.purge(await partitionOf(oauth, 'alice'));
    await (await scene.begin(oauth, 'alice')).finish();
    expect(await scene.whoAmI(scene.session(oauth, 'alice'))).toBe('alice');
    await expectRefused(store, 'bob');
  });

  test('without encryption, whoever can write to the storage gives one owner the token of another', async () => {
    const { plain } = storage;
    const [ofAlice, ofBob] = [await login(plain, 'alice'), await login(plain, 'bob')];
    const ofOther = await tokenOf(plain, 'bob');
    await swap(ofAlice, ofBob);
    expect(await tokenOf(plain, 'alice')).toBe(ofOther);
  });
}

async function partitionOf(oauth: OAuthClient<'many'>, owner: string): Promise<string> {
  const [partition] = await oauth.partitions({ owner });
  if (partition === undefined) throw new Error(`${owner} has no partition.`);
  return partition;
}
