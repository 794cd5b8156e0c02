import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import { scene } from '../token/scripted-server.js';

/** Fails writes with whatever it is told to throw. */
class ForeignStore extends MemoryTokenStore {
  failure: unknown;

  override async compareAndSet(...write: Parameters<MemoryTokenStore['compareAndSet']>) {
    if (this.failure !== undefined) throw this.failure as Error;
    return super.compareAndSet(...write);
  }
}

class StoreErrorOfAnotherCopy extends Error {
  override readonly name = 'StoreError';
  readonly code = 'store_failed';
  readonly kind = 'full';
}

const queryFailed = Object.assign(new Error('insert of cnry-like-secret failed'), {
  code: '57P03',
  parameters: ['the-secret-token'],
});

test.each([
  ['a StoreError of another copy of this package', new StoreErrorOfAnotherCopy('no space'), 'full'],
  ['an error of its driver', queryFailed, 'unavailable'],
  ['something that is no error', 'broken', 'unavailable'],
  ['a kind of trouble of its own', { code: 'store_failed', kind: 'row 7', message: 'x' }, 'unavailable'],
])('a renewed grant is kept and used where its store throws %s', async (_, failure, kind) => {
  const store = new ForeignStore();
  const { session, another, server, expire, events } = await scene({ store });
  expire();
  server.onRefresh = () => {
    store.failure = failure;
    return server.tokens(2);
  };
  expect(await session.accessToken()).toBe('access-2');
  expect(events).toContainEqual(expect.objectContaining({ type: 'store_trouble', kind, unsaved: true }));
  store.failure = undefined;
  for (let tries = 0; tries < 100 && !events.some(({ type }) => type === 'store_recovered'); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(await another().status()).toMatchObject({ generation: 2 });
});

test('an error of a driver is told without its text and its properties', async () => {
  const store = new ForeignStore();
  const { session, expire } = await scene({ store });
  expire();
  store.failure = queryFailed;
  const error: unknown = await session.accessToken().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'store_failed', kind: 'unavailable' });
  expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/secret/);
  expect(String(error)).toContain('57P03');
});
