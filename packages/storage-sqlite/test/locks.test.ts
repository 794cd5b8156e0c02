import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from '@jest/globals';
import { openSqliteTokenStore, SqliteTokenStore } from '@mcp-oauth/storage-sqlite';
import type { SqliteDatabase } from '@mcp-oauth/storage-sqlite';
import Database from 'better-sqlite3';
import { bytes, freshPath, key, put, textAt } from './support/places.js';
import { inProcess } from './support/processes.js';

/** The longest time between two ticks of a 10 ms timer. */
function watchEventLoop(): () => number {
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 10);
  // Where a trial fails before it reads the result, this must not keep the run from ending.
  timer.unref();
  return () => {
    clearInterval(timer);
    return longest;
  };
}

const HELD_MS = 3_000;
/** An event loop that waits for the lock stands still as long as that is held. */
const FREE_MS = HELD_MS / 4;

/** The most that is counted between two turns of the event loop. */
function watchTurns(count: () => number): () => number {
  let last = count();
  let most = 0;
  const look = () => {
    most = Math.max(most, count() - last);
    last = count();
    turn = setImmediate(look);
  };
  let turn = setImmediate(look);
  return () => {
    clearImmediate(turn);
    return Math.max(most, count() - last);
  };
}

/** Ticks as `watchEventLoop` does, where nothing else is done. */
const idleThread = `
  const { parentPort } = require('node:worker_threads');
  let last = performance.now();
  let longest = 0;
  setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 10);
  parentPort.on('message', () => parentPort.postMessage(longest));
  parentPort.postMessage('ticking');
`;

/**
 * Watches the event loop while the body runs. The result is by how much its longest stall exceeds that of an idle
 * thread in the same time, as a machine that is busy with other things stalls both.
 */
async function stallDuring(body: () => Promise<void>): Promise<number> {
  const idle = new Worker(idleThread, { eval: true });
  try {
    await once(idle, 'message');
    const longest = watchEventLoop();
    await body();
    const stall = longest();
    idle.postMessage('how long?');
    const [idleStall] = (await once(idle, 'message')) as [number];
    return stall - idleStall;
  } finally {
    await idle.terminate();
  }
}

test('B53: while another process holds the write lock for 3 s the event loop stays free, and the write succeeds', async () => {
  const path = freshPath();
  const store = await openSqliteTokenStore({ path });
  const version = await put(store, 'before');
  let held: () => void = () => undefined;
  const isHeld = new Promise<void>((resolve) => (held = resolve));
  const holder = inProcess({ path, onAnswer: () => held() }, ['hold', HELD_MS]);
  await isHeld;
  let writtenAt = 0;
  const stall = await stallDuring(async () => {
    const writes = Promise.all([
      store.compareAndSet(key, version, bytes('after')),
      ...Array.from({ length: 20 }, (_, index) =>
        store.compareAndSet({ ...key, id: `other-${String(index)}` }, null, bytes('more')),
      ),
    ]);
    // Readers are not held up.
    expect(await textAt(store)).toBe('before');
    expect((await writes).every(({ ok }) => ok)).toBe(true);
    writtenAt = Date.now();
  });
  expect(stall).toBeLessThan(FREE_MS);
  expect(await textAt(store)).toBe('after');
  const [, releasedAt] = (await holder) as ['held', number];
  expect(writtenAt).toBeGreaterThanOrEqual(releasedAt);
  await store.close();
}, 20_000);

test('B53: hundreds of calls that wait for the lock try as often as one, and never all within one turn of the event loop', async () => {
  const path = freshPath();
  const database = new Database(path);
  const { counting, attempts } = countRuns(database);
  const store = new SqliteTokenStore({ database: counting });
  await put(store, 'before');
  const other = new Database(path);
  other.exec('BEGIN IMMEDIATE');
  const before = attempts();
  const writes = Array.from({ length: 300 }, (_, index) =>
    store.compareAndSet({ ...key, id: `r${String(index)}` }, null, bytes('written')),
  );
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(attempts() - before).toBeLessThan(1_500);

  const mostInOneTurn = watchTurns(attempts);
  other.exec('ROLLBACK');
  other.close();
  expect((await Promise.all(writes)).every(({ ok }) => ok)).toBe(true);
  expect(mostInOneTurn()).toBeLessThan(10);
  database.close();
}, 20_000);

test('who gives up in the line holds up nobody behind, and closing ends the waits of all', async () => {
  const path = freshPath();
  const store = await openSqliteTokenStore({ path });
  const other = new Database(path);
  other.exec('BEGIN IMMEDIATE');
  const reason = new Error('enough');
  const write = (id: string, signal?: AbortSignal) =>
    store.compareAndSet({ ...key, id }, null, bytes('x'), signal && { signal });
  const outcomes = Promise.allSettled([
    write('first', aborted(reason, 50)),
    write('second'),
    write('third', aborted(reason, 20)),
    write('fourth'),
  ]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  other.exec('ROLLBACK');
  const freed = performance.now();
  expect(await outcomes).toMatchObject([
    { status: 'rejected', reason },
    { status: 'fulfilled', value: { ok: true } },
    { status: 'rejected', reason },
    { status: 'fulfilled', value: { ok: true } },
  ]);
  // A waiter that nobody wakes would look again after 5 s.
  expect(performance.now() - freed).toBeLessThan(1_200);
  expect((await store.list(key.partition)).map(({ id }) => id)).toEqual(['fourth', 'second']);

  other.exec('BEGIN IMMEDIATE');
  const closing = Promise.allSettled([write('fifth'), write('sixth'), write('seventh')]);
  await store.close();
  const closed = performance.now();
  for (const outcome of await closing)
    expect(outcome).toMatchObject({ status: 'rejected', reason: { kind: 'unavailable' } });
  expect(performance.now() - closed).toBeLessThan(1_200);
  other.close();
});

test('B53: a lock that nobody lets go of is told as busy after 5 s, and nothing is lost', async () => {
  const path = freshPath();
  const store = await openSqliteTokenStore({ path });
  const version = await put(store, 'before');
  const other = new Database(path);
  other.exec('BEGIN IMMEDIATE');
  await expect(store.compareAndSet(key, version, bytes('after'))).rejects.toMatchObject({
    code: 'store_failed',
    kind: 'busy',
    message: expect.stringContaining(path),
  });
  expect(await textAt(store)).toBe('before');
  other.exec('ROLLBACK');
  other.close();
  expect(await store.compareAndSet(key, version, bytes('after'))).toMatchObject({ ok: true });
  await store.close();
}, 20_000);

test('whoever waits for the lock can give up, and closing ends the wait', async () => {
  const path = freshPath();
  const store = await openSqliteTokenStore({ path });
  const other = new Database(path);
  other.exec('BEGIN IMMEDIATE');
  const reason = new Error('enough');
  const began = performance.now();
  const given = store.compareAndSet(key, null, bytes('x'), { signal: aborted(reason, 100) });
  await expect(given).rejects.toBe(reason);
  const closing = store.compareAndSet(key, null, bytes('x'));
  const refused = expect(closing).rejects.toMatchObject({ kind: 'unavailable' });
  await store.close();
  await refused;
  expect(performance.now() - began).toBeLessThan(1_200);
  other.exec('ROLLBACK');
  other.close();
});

test('B59: 8 processes that open a new database at once all work, and the schema is made once', async () => {
  const path = freshPath();
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      inProcess({ path }, ['open'], ['put', { ...key, id: `r${String(index)}` }, 'written'], ['close']),
    ),
  );
  expect(answers).toEqual(Array.from({ length: 8 }, () => [null, true, null]));
  const store = await openSqliteTokenStore({ path });
  expect(await store.list(key.partition)).toHaveLength(8);
  await store.close();
}, 30_000);

test('B59: a database that another one makes ours while it is looked at is not taken for a foreign one', async () => {
  const path = freshPath();
  const [first, second] = [new Database(path), new Database(path)];
  const faster = new SqliteTokenStore({ database: second });
  const looking = { hasLooked: false, written: Promise.resolve<unknown>(undefined) };
  const database: SqliteDatabase = {
    prepare: (sql) => {
      const statement = first.prepare(sql);
      if (sql !== 'PRAGMA application_id') return statement;
      const get = () => {
        const row = statement.get();
        if (!looking.hasLooked) looking.written = put(faster, 'by the faster');
        looking.hasLooked = true;
        return row;
      };
      return { run: () => statement.run(), all: () => statement.all(), get };
    },
    exec: (sql) => first.exec(sql),
    close: () => first.close(),
  };
  const slower = new SqliteTokenStore({ database });
  await slower.compareAndSet({ ...key, id: 'of-the-slower' }, null, bytes('by the slower'));
  expect(looking.hasLooked).toBe(true);
  await looking.written;
  expect(await textAt(slower)).toBe('by the faster');
  first.close();
  second.close();
});

/** The same connection, and how often something was tried to be written with it. */
function countRuns(database: Database.Database): { counting: SqliteDatabase; attempts: () => number } {
  let runs = 0;
  const counting: SqliteDatabase = {
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return {
        run: (...parameters) => {
          runs += 1;
          return statement.run(...parameters);
        },
        get: (...parameters) => statement.get(...parameters),
        all: (...parameters) => statement.all(...parameters),
      };
    },
    exec: (sql) => database.exec(sql),
    close: () => database.close(),
  };
  return { counting, attempts: () => runs };
}

function aborted(reason: Error, afterMs: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), afterMs);
  return controller.signal;
}
