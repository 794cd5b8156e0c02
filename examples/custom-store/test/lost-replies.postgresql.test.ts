import { expect, test } from '@jest/globals';
import { bytes, freshDatabase, key, proxied, put, storeAt, text } from './support/databases.js';

test('B50: a create, an update and a delete whose replies were lost are sent again, and done once', async () => {
  const { url } = await freshDatabase();
  const { proxy, through } = await proxied(url);
  const [store, other] = [storeAt(through), storeAt(url)];
  await put(store, 'before', { ...key, id: 'other' });

  let lost = proxy.loseReplyTo('INSERT INTO');
  const created = await store.compareAndSet(key, null, bytes('first'));
  await lost;
  if (!created.ok) throw new Error('the create conflicted with itself');
  await expect(other.get(key)).resolves.toMatchObject({ version: created.version });

  lost = proxy.loseReplyTo('UPDATE');
  const updated = await store.compareAndSet(key, created.version, bytes('second'));
  await lost;
  if (!updated.ok) throw new Error('the update conflicted with itself');
  expect(text(await other.get(key))).toBe('second');

  lost = proxy.loseReplyTo('UPDATE');
  const deleted = await store.compareAndSet(key, updated.version, null);
  await lost;
  expect(deleted).toEqual({ ok: true, version: null });
  await expect(other.get(key)).resolves.toBeNull();
});

test('B50: a write that is sent again leaves alone what somebody else has written over it meanwhile', async () => {
  const { url } = await freshDatabase();
  const { proxy, through } = await proxied(url);
  const [store, other] = [storeAt(through), storeAt(url)];
  const version = await put(store, 'old');
  const lost = proxy.loseReplyTo('UPDATE');
  const writing = store.compareAndSet(key, version, bytes('mine'));
  await lost;
  await proxy.down();
  await put(other, 'newer');
  await proxy.up();
  await expect(writing).resolves.toMatchObject({ ok: false, current: { value: bytes('newer') } });
  expect(text(await other.get(key))).toBe('newer');
});
