import type { RecordKey, TokenStore } from '@mcp-oauth/core';
import { countIn, sealedCount } from '../sealed-count.js';
import type { CommandChannel } from './command.js';

export interface IncrementInput {
  readonly key: RecordKey;
  readonly times: number;
}

/** Adds one to the count in a record, again and again, and tells each that was acknowledged. */
export async function increment(
  store: TokenStore,
  { key, times }: IncrementInput,
  channel: CommandChannel,
): Promise<number> {
  for (let done = 0; done < times; done++) {
    for (let current = await store.get(key); ;) {
      const next = sealedCount((current ? countIn(current.value) : 0) + 1);
      const result = await store.compareAndSet(key, current?.version ?? null, next);
      if (result.ok) break;
      current = result.current;
    }
    await channel.send(done + 1);
  }
  return times;
}

export interface IdsInput {
  readonly partition: string;
  readonly ids: readonly string[];
}

/** Creates each record if nobody else has. Resolves with the ids that it created. */
export async function claim(store: TokenStore, { partition, ids }: IdsInput): Promise<readonly string[]> {
  const created: string[] = [];
  for (const id of ids) {
    const result = await store.compareAndSet({ partition, id }, null, sealedCount(1));
    if (result.ok) created.push(id);
  }
  return created;
}

/** Takes each record out of the store if nobody else does. Resolves with the ids that it took. */
export async function take(store: TokenStore, { partition, ids }: IdsInput): Promise<readonly string[]> {
  const taken: string[] = [];
  for (const id of ids) {
    const record = await store.get({ partition, id });
    if (record && (await store.compareAndSet({ partition, id }, record.version, null)).ok) taken.push(id);
  }
  return taken;
}

export async function get(store: TokenStore, { key }: { readonly key: RecordKey }): Promise<number | null> {
  const record = await store.get(key);
  return record && countIn(record.value);
}
