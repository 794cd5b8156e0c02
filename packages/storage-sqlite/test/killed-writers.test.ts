import { existsSync, rmSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { openSqliteTokenStore } from '@mcp-oauth/storage-sqlite';
import Database from 'better-sqlite3';
import { freshPath, key, put, textAt } from './support/places.js';
import { start } from './support/processes.js';
import type { StartedProcess, Step } from './support/processes.js';

const KILLS = 36;

test('B01: whenever writers are killed, records are whole, what was acknowledged is there, and the file is sound', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const random = randomFrom(seed);
  const path = freshPath();
  await (await openSqliteTokenStore({ path })).close();
  const acknowledged = new Set<number>();
  const running: StartedProcess[] = [];
  for (let kills = 0; kills < KILLS;) {
    while (running.length < 3) running.push(await writer(path, acknowledged));
    await new Promise((resolve) => setTimeout(resolve, random() * 40));
    for (const victim of running.splice(0, 1 + Math.floor(random() * 3))) {
      victim.kill();
      await victim.ended;
      kills += 1;
    }
    const store = await openSqliteTokenStore({ path });
    const read = await textAt(store);
    await store.close();
    const number = Number.parseInt(read ?? '', 10);
    expect([seed, read]).toEqual([seed, `${String(number)} ${'x'.repeat((number % 9) * 1_000)}.`]);
  }
  for (const victim of running) victim.kill();
  await Promise.all(running.map(({ ended }) => ended));

  const store = await openSqliteTokenStore({ path });
  const last = Number.parseInt((await textAt(store)) ?? '', 10);
  await store.check();
  await store.close();
  const highest = Math.max(...acknowledged);
  // What a process wrote and could not tell any more may be there, and no more than that.
  expect([seed, last >= highest && last <= acknowledged.size + KILLS + 3]).toEqual([seed, true]);
  expect(acknowledged.size).toBeGreaterThan(KILLS);
  const database = new Database(path);
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  database.close();
}, 120_000);

test('B57: what has resolved is there after the process was killed before its log was moved', async () => {
  const path = freshPath();
  await killedAfter(path, ['open'], ['put', key, 'NEW']);
  expect(existsSync(`${path}-wal`)).toBe(true);
  const store = await openSqliteTokenStore({ path });
  expect(await textAt(store)).toBe('NEW');
  await store.close();
}, 20_000);

test('B56: without its log the database is older, and works', async () => {
  const path = freshPath();
  const store = await openSqliteTokenStore({ path });
  await put(store, 'old');
  await store.close();
  await killedAfter(path, ['open'], ['put', key, 'NEW']);
  rmSync(`${path}-wal`);
  rmSync(`${path}-shm`);
  const later = await openSqliteTokenStore({ path });
  expect(await textAt(later)).toBe('old');
  await later.check();
  await put(later, 'newer');
  expect(await textAt(later)).toBe('newer');
  await later.close();
}, 20_000);

/** A process that counts on, once it has begun to. */
async function writer(path: string, acknowledged: Set<number>): Promise<StartedProcess> {
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const onAnswer = (answer: unknown) => {
    if (typeof answer === 'number') {
      acknowledged.add(answer);
      begin();
    }
  };
  const process = start({ path, onAnswer }, ['open'], ['count', key]);
  const died = process.ended.then(({ errors }) => Promise.reject(new Error(`It has ended: ${errors}`)));
  died.catch(() => undefined);
  await Promise.race([begun, died]);
  return process;
}

/** Runs the steps in a process, and kills it when the last of them is answered. */
async function killedAfter(path: string, ...steps: readonly Step[]): Promise<void> {
  let answered = 0;
  const process = start(
    {
      path,
      onAnswer: () => {
        answered += 1;
        if (answered === steps.length) process.kill();
      },
    },
    ...steps,
    ['stay'],
  );
  await process.ended;
}

/** mulberry32: the same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
