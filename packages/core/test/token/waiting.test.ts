import { expect, test } from '@jest/globals';
import { MemoryTokenStore, StoreError } from '@mcp-oauth/core';
import type { TokenStore, WatchableTokenStore } from '@mcp-oauth/core';
import { RESOURCE, scene } from './scripted-server.js';
import { soon, until } from '../waiting.js';

const secret = new Uint8Array(32).fill(7);
const settings = { secret, refresh: { timeoutMs: 5_000, leaseMs: 10_000 } };

interface Counted {
  readonly store: TokenStore;
  reads: number;
  writes: number;
}

/** Another handle of `base` that counts. It can watch only if it is given `watch`. */
function counted(base: TokenStore, watch?: WatchableTokenStore['watch']): Counted {
  const counts = { reads: 0, writes: 0 };
  const store: TokenStore & Partial<WatchableTokenStore> = {
    get: (key, options) => (counts.reads++, base.get(key, options)),
    compareAndSet: (...write) => (counts.writes++, base.compareAndSet(...write)),
    list: (partition, options) => base.list(partition, options),
    purge: (partition, options) => base.purge(partition, options),
    check: (options) => base.check(options),
    close: () => base.close(),
    ...(watch ? { watch } : {}),
  };
  return Object.assign(counts, { store });
}

async function herd(watch: boolean, answerMs: number, count = 50) {
  const base = new MemoryTokenStore();
  const { server, expire, clock } = await scene({ ...settings, store: base });
  expire();
  server.onRefresh = async () => {
    await soon(answerMs);
    return server.tokens(2);
  };
  const waiters = Array.from({ length: count }, () =>
    counted(base, watch ? base.watch.bind(base) : undefined),
  );
  const began = performance.now();
  const tokens = await Promise.all(
    waiters.map(({ store }) =>
      server
        .client(store, { ...settings, now: () => clock.now })
        .session({ resource: RESOURCE })
        .accessToken(),
    ),
  );
  expect(new Set(tokens)).toEqual(new Set(['access-2']));
  expect(server.refreshes).toHaveLength(1);
  return { waiters, tookMs: performance.now() - began };
}

test('B25: 50 clients that wake at once send one refresh, and each touches the store at most 6 times', async () => {
  const { waiters } = await herd(false, 200);
  for (const { reads, writes } of waiters) expect(reads + writes).toBeLessThanOrEqual(6);
});

test('B25: where the store tells of changes, each touches it at most 3 times, but for the one that refreshes', async () => {
  const { waiters } = await herd(true, 200);
  const touches = waiters.map(({ reads, writes }) => reads + writes).sort((one, other) => one - other);
  // Read, perhaps lose the lease, read what came of it. The holder: read, lease, read and commit.
  expect(touches.at(-2)).toBeLessThanOrEqual(3);
  expect(touches.at(-1)).toBe(4);
});

test('whoever is told of a change does not wait for its next look', async () => {
  const tookMs: number[] = [];
  for (let herds = 0; herds < 3; herds++) tookMs.push((await herd(true, 50, 5)).tookMs);
  // Without being told, the first look would come after 375 ms in each of them.
  expect(Math.min(...tookMs)).toBeLessThan(350);
});

test.each([
  ['tells of nothing', () => Promise.resolve(() => Promise.resolve())],
  ['refuses to watch', () => Promise.reject(new StoreError('unavailable', 'no subscriber'))],
])('a store that %s only makes the waiting longer', async (_, watch) => {
  const base = new MemoryTokenStore();
  const { server, expire, clock } = await scene({ ...settings, store: base });
  expire();
  let answer: (response: Response) => void = () => undefined;
  server.onRefresh = () => new Promise<Response>((resolve) => (answer = resolve));
  const open = (store: TokenStore) =>
    server.client(store, { ...settings, now: () => clock.now }).session({ resource: RESOURCE });
  const holder = open(base).accessToken();
  await until(() => server.refreshes.length === 1);
  const waiter = open(counted(base, watch).store).accessToken();
  await soon(50);
  answer(server.tokens(2));
  expect(await Promise.all([holder, waiter])).toEqual(['access-2', 'access-2']);
});

test('a watch ends with the waiting', async () => {
  const base = new MemoryTokenStore();
  let open = 0;
  const watch: WatchableTokenStore['watch'] = async (key, onChange) => {
    const end = await base.watch(key, onChange);
    open++;
    return async () => {
      open--;
      await end();
    };
  };
  const { server, expire, clock } = await scene({ ...settings, store: base });
  expire();
  let answer: (response: Response) => void = () => undefined;
  server.onRefresh = () => new Promise<Response>((resolve) => (answer = resolve));
  const options = { ...settings, now: () => clock.now };
  const sessions = Array.from({ length: 5 }, () =>
    server.client(counted(base, watch).store, options).session({ resource: RESOURCE }),
  );
  const tokens = Promise.all(sessions.map((session) => session.accessToken()));
  await until(() => open === 4);
  answer(server.tokens(2));
  await tokens;
  await until(() => open === 0);
});
