import { StoreError } from '@mcp-oauth/core';
import type { CallOptions, ListedRecord, RecordKey, StoredRecord, TokenStore } from '@mcp-oauth/core';
import { parseEnvelope, sealEnvelope } from './envelope.js';
import type { RingKey } from './key-ring.js';

export interface ReencryptionOptions extends CallOptions {
  /** Decrypts the value of a stored record, or rejects with a `StoreError`. */
  readonly open: (at: RecordKey, record: StoredRecord) => Promise<Uint8Array>;
}

const pageSize = 100;
const maxAttempts = 16;

export async function reencryptPartition(
  store: TokenStore,
  partition: string,
  newest: RingKey,
  options: ReencryptionOptions,
): Promise<number> {
  let written = 0;
  let failure: StoreError | undefined;
  for await (const record of allRecords(store, partition, options)) {
    try {
      if (await reencryptRecord(store, { partition, id: record.id }, record, newest, options)) written += 1;
    } catch (error) {
      if (!(error instanceof StoreError) || !['corrupt', 'key_unavailable'].includes(error.kind)) throw error;
      failure ??= error;
    }
  }
  if (failure) throw failure;
  return written;
}

async function* allRecords(
  store: TokenStore,
  partition: string,
  { signal }: CallOptions,
): AsyncGenerator<ListedRecord> {
  let page: readonly ListedRecord[] = [];
  do {
    const after = page.at(-1)?.id;
    page = await store.list(partition, {
      limit: pageSize,
      ...(after !== undefined && { after }),
      ...(signal && { signal }),
    });
    yield* page;
  } while (page.length === pageSize);
}

async function reencryptRecord(
  store: TokenStore,
  at: RecordKey,
  found: StoredRecord,
  newest: RingKey,
  { open, signal }: ReencryptionOptions,
): Promise<boolean> {
  let current: StoredRecord | null = found;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const envelope = current && parseEnvelope(current.value);
    if (current === null || envelope?.keyId === newest.id) return false;
    const value = await open(at, current);
    const expiresAt = envelope?.expiresAt ?? null;
    const ttlMs = expiresAt === null ? undefined : expiresAt - Date.now();
    // It is about to vanish by the clock of the store. Written anew, it could outlive its limit.
    if (ttlMs !== undefined && ttlMs <= 0) return false;
    const result = await store.compareAndSet(
      at,
      current.version,
      sealEnvelope(at, newest, value, expiresAt),
      {
        ...(ttlMs !== undefined && { ttlMs }),
        ...(signal && { signal }),
      },
    );
    if (result.ok) return true;
    current = result.current;
  }
  throw new StoreError(
    'busy',
    `The record ${at.id} changed all the time while it was encrypted anew. Try again.`,
  );
}
