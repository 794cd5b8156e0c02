import { randomBytes, randomInt } from 'node:crypto';
import type { CompareAndSetResult, RecordKey, StoredRecord, TokenStore, Version } from '@mcp-oauth/core';
import { beforeDeadline } from './deadline.js';
import type { UngroupedCase } from './grouped-cases.js';
import type { SharedHarness, StoreHarness } from './harness.js';
import { MendedHarness } from './mended-harness.js';
import { ContractViolation, described, isStoreError, must, settled } from './violation.js';

/** What a case works with: handles and partitions of its own. */
export interface Scene {
  readonly harness: StoreHarness;
  /** A handle of the case's own. */
  readonly open: () => Promise<TokenStore>;
  /** Another handle on the storage of `store`; the same one where a store lives in one process. */
  readonly another: (store: TokenStore) => Promise<TokenStore>;
  /** A name that nobody has used, with this ending. Its records are removed after the case. */
  readonly partition: (ending?: string) => string;
  /** A record that nobody has written. */
  readonly key: () => RecordKey;
  /** A number from 0 to 1 out of a seed that a violation names. */
  readonly random: () => number;
}

export interface SharedScene extends Scene {
  readonly harness: SharedHarness;
}

const CASE_MS = 30_000;
const CLEAN_UP_MS = 15_000;

/** A case for every store. */
export function promise(
  name: string,
  run: (scene: Scene) => Promise<void>,
  timeoutMs = CASE_MS,
): (harness: StoreHarness) => UngroupedCase {
  return (harness) => ({
    name,
    timeoutMs: timeoutMs + CLEAN_UP_MS,
    run: () => inScene(harness, timeoutMs, run),
  });
}

/** A case for stores that several processes share. */
export function sharedPromise(
  name: string,
  run: (scene: SharedScene) => Promise<void>,
  timeoutMs = 2 * CASE_MS,
): (harness: SharedHarness) => UngroupedCase {
  return (harness) => ({
    name,
    timeoutMs: timeoutMs + CLEAN_UP_MS,
    run: () =>
      inScene(harness, timeoutMs, async (scene) => {
        if (scene.harness.scope === 'shared') await run({ ...scene, harness: scene.harness });
      }),
  });
}

async function inScene(
  harness: StoreHarness,
  timeoutMs: number,
  run: (scene: Scene) => Promise<void>,
): Promise<void> {
  const mended = harness.scope === 'shared' ? new MendedHarness(harness) : undefined;
  const handles: TokenStore[] = [];
  const partitions = new Set<string>();
  const seed = randomInt(2 ** 31);
  const open = async () => {
    const store = await harness.open();
    handles.push(store);
    return store;
  };
  const partition = (ending = '') => {
    const name = `c${randomBytes(9).toString('hex')}${ending}`;
    partitions.add(name);
    return name;
  };
  const scene: Scene = {
    harness: mended ?? harness,
    open,
    another: (store) => (harness.scope === 'process' ? Promise.resolve(store) : open()),
    partition,
    key: () => ({ partition: partition(), id: 'record' }),
    random: seededRandom(seed),
  };
  const ran = await settled(
    beforeDeadline(
      // A hook that throws instead of rejecting is a failure of this case too.
      Promise.resolve().then(() => run(scene)),
      timeoutMs,
      () => new ContractViolation(`The store had not done it within ${String(timeoutMs)} ms`),
    ),
  );
  const cleaned = await settled(
    beforeDeadline(
      Promise.resolve(mended?.mend()).then(() => cleanUp(harness, handles, partitions)),
      CLEAN_UP_MS,
      () => new ContractViolation(`Purges and closes had not ended within ${String(CLEAN_UP_MS)} ms`),
    ),
  );
  // What went wrong first is what the case is about.
  if (!ran.resolved) throw violation(ran.error, seed);
  if (!cleaned.resolved) throw violation(cleaned.error, seed);
}

function violation(error: unknown, seed: number): ContractViolation {
  const what =
    error instanceof ContractViolation
      ? error.message
      : `Nothing fails where nothing is wrong. Seen: it ${described({ resolved: false, error })}`;
  return new ContractViolation(`${what} (seed ${String(seed)})`, { cause: error });
}

/** Leaves nothing behind; what a broken store refuses here is not what the case is about. */
async function cleanUp(
  harness: StoreHarness,
  handles: TokenStore[],
  partitions: ReadonlySet<string>,
): Promise<void> {
  try {
    // The handles of the case may be closed by now.
    if (harness.scope === 'shared' && partitions.size > 0) handles.push(await harness.open());
    for (const partition of partitions) await handles.at(-1)?.purge(partition);
  } catch (error) {
    ignoreStoreTrouble(error);
  }
  for (const handle of handles) await handle.close().catch(ignoreStoreTrouble);
}

function ignoreStoreTrouble(error: unknown): void {
  if (!isStoreError(error)) throw error;
}

/** Numbers from 0 to 1 that are the same for the same seed (xorshift32). */
function seededRandom(seed: number): () => number {
  let state = seed || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The text in a record, `null` where there is none. */
export function textOf(record: StoredRecord | null): string | null {
  return record && new TextDecoder().decode(record.value);
}

export async function textAt(store: TokenStore, key: RecordKey): Promise<string | null> {
  return textOf(await store.get(key));
}

/** Writes over `expected`, which must succeed. */
export async function write(
  store: TokenStore,
  key: RecordKey,
  expected: Version | null,
  text: string,
  ttlMs?: number,
): Promise<Version> {
  return versionOf(
    await store.compareAndSet(key, expected, bytes(text), ttlMs === undefined ? {} : { ttlMs }),
  );
}

export function versionOf(result: CompareAndSetResult): Version {
  must(result.ok, 'A write that expects what stands there succeeds', result);
  must(result.version !== null, 'A write gives the record a version', result);
  return result.version;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Lets others have a turn: a store whose calls end at once would leave them none in a loop. */
export function takeTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
