import type {
  CompareAndSetResult,
  ListedRecord,
  ListOptions,
  RecordKey,
  StoredRecord,
  TokenStore,
  Version,
  WriteOptions,
} from '../ports/token-store.js';

interface Entry {
  readonly value: Uint8Array;
  readonly version: Version;
  /** On the monotonic clock. */
  readonly expiresAt: number;
}

/** Keeps records in this process alone, until it ends: for tests, and for hosts that want nothing on disk. */
export class MemoryTokenStore implements TokenStore {
  readonly #partitions = new Map<string, Map<string, Entry>>();

  get(key: RecordKey): Promise<StoredRecord | null> {
    return Promise.resolve(copy(this.#live(key)));
  }

  compareAndSet(
    key: RecordKey,
    expected: Version | null,
    value: Uint8Array | null,
    options: WriteOptions = {},
  ): Promise<CompareAndSetResult> {
    const current = this.#live(key);
    if ((current?.version ?? null) !== expected)
      return Promise.resolve({ ok: false, current: copy(current) });
    const partition = this.#partitions.get(key.partition) ?? new Map<string, Entry>();
    if (value === null) {
      partition.delete(key.id);
      if (partition.size === 0) this.#partitions.delete(key.partition);
      return Promise.resolve({ ok: true, version: null });
    }
    const version = crypto.randomUUID() as string as Version;
    const expiresAt = performance.now() + (options.ttlMs ?? Infinity);
    partition.set(key.id, { value: value.slice(), version, expiresAt });
    this.#partitions.set(key.partition, partition);
    return Promise.resolve({ ok: true, version });
  }

  list(partition: string, options: ListOptions = {}): Promise<readonly ListedRecord[]> {
    const records: ListedRecord[] = [];
    for (const id of [...(this.#partitions.get(partition)?.keys() ?? [])].sort()) {
      if (records.length >= (options.limit ?? Infinity)) break;
      if (options.after !== undefined && id <= options.after) continue;
      const record = copy(this.#live({ partition, id }));
      if (record) records.push({ id, ...record });
    }
    return Promise.resolve(records);
  }

  purge(partition: string): Promise<void> {
    this.#partitions.delete(partition);
    return Promise.resolve();
  }

  check(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #live({ partition, id }: RecordKey): Entry | null {
    const entry = this.#partitions.get(partition)?.get(id);
    if (!entry) return null;
    if (entry.expiresAt > performance.now()) return entry;
    this.#partitions.get(partition)?.delete(id);
    return null;
  }
}

function copy(entry: Entry | null): StoredRecord | null {
  return entry && { value: entry.value.slice(), version: entry.version };
}
