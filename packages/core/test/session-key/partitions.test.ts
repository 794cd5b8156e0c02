import { expect, test } from '@jest/globals';
import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import { scene, ScriptedServer } from '../token/scripted-server.js';

/** Notes in which partitions records are written. */
class NotingStore extends MemoryTokenStore {
  readonly written = new Set<string>();

  override compareAndSet(...write: Parameters<MemoryTokenStore['compareAndSet']>) {
    this.written.add(write[0].partition);
    return super.compareAndSet(...write);
  }
}

test('the partitions of an owner, and those of all, are where the records are', async () => {
  const store = new NotingStore();
  const { server } = await scene({ store });
  const partitions = await server.client(store).partitions();
  expect(new Set(partitions)).toEqual(store.written);
  expect(await store.list(partitions[0] ?? '')).toHaveLength(1);
});

test('each owner has a partition of their own, which does not name them', async () => {
  const store = new MemoryTokenStore();
  const oauth = createOAuthClient({
    store,
    owners: 'many',
    client: { client_name: 'Test' },
    fetch: new ScriptedServer().fetch,
  });
  const [alice = '', ...shared] = await oauth.partitions({ owner: 'alice' });
  const [bob = '', ...sharedToo] = await oauth.partitions({ owner: 'bob' });
  expect(alice).not.toBe(bob);
  expect(shared).toEqual(sharedToo);
  expect(alice).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(await oauth.partitions({ owner: 'alice' })).toEqual([alice, ...shared]);
  // @ts-expect-error an owner has to be named
  await expect(oauth.partitions()).rejects.toMatchObject({ code: 'invalid_config' });
});
