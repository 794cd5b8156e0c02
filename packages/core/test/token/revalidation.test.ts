import { expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import type { RecordKey, StoredRecord } from '@mcp-oauth/core';
import { scene } from './scripted-server.js';
import { soon } from '../waiting.js';

/** Remembers the credentials as they once were, and puts them back as a failover does that lost a write. */
class ForgetfulStore extends MemoryTokenStore {
  #key: RecordKey | undefined;
  #old: StoredRecord | null = null;

  override async get(key: RecordKey): Promise<StoredRecord | null> {
    if (key.id.startsWith('credentials-')) this.#key = key;
    return super.get(key);
  }

  async remember(): Promise<void> {
    if (this.#key) this.#old = await super.get(this.#key);
  }

  async forgetSince(): Promise<void> {
    if (!this.#key || !this.#old) return;
    const current = await super.get(this.#key);
    await super.compareAndSet(this.#key, current?.version ?? null, this.#old.value);
  }
}

test('what another process has ended is used for at most six more seconds', async () => {
  const { session, another } = await scene();
  expect(await session.accessToken()).toBe('access-1');
  await another().revoke();
  await soon(5_100);
  await session.accessToken();
  await soon(50);
  await expect(session.accessToken()).rejects.toMatchObject({ reason: 'no_grant' });
});

test('B42: a renewed token that the store lost is put back by whoever still holds it', async () => {
  const store = new ForgetfulStore();
  const { server, session, another, expire } = await scene({ store });
  await session.accessToken();
  await store.remember();
  expire();
  expect(await session.accessToken()).toBe('access-2');
  await store.forgetSince();
  expect(await another().status()).toMatchObject({ generation: 1 });
  expire();
  expect(await session.accessToken()).toBe('access-3');
  expect(server.refreshes).toEqual(['refresh-1', 'refresh-2']);
  expect(await another().status()).toMatchObject({ generation: 3 });
});
