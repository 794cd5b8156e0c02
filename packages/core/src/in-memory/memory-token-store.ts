import { LimitExceededError, StoreError } from '../errors.js';
import type {
  CallOptions,
  CompareAndSetResult,
  ListedRecord,
  ListOptions,
  RecordKey,
  StoredRecord,
  Version,
  WatchableTokenStore,
  WriteOptions,
} from '../ports/token-store.js';

const MAX_VALUE_BYTES = 65 * 1024;

interface Entry {
  readonly value: Uint8Array;
  readonly version: Version;
  /** On the monotonic clock. */
  readonly expiresAt: number;
}

/** Keeps records in this process alone, until it ends: for tests, and for hosts that want nothing on disk. */
export class MemoryTokenStore implements WatchableTokenStore {
  readonly #partitions = new Map<string, Map<string, Entry>>();
  readonly #watchers = new Map<string, Set<() => void>>();
  #closed = false;

  // The promises come from async functions, so that a refused call rejects instead of throwing.
  async get(key: RecordKey, options?: CallOptions): Promise<StoredRecord | null> {
    this.#assertUsable(options);
    return Promise.resolve(copy(this.#live(key)));
  }

  async compareAndSet(
    key: RecordKey,
    expected: Version | null,
    value: Uint8Array | null,
    options: WriteOptions = {},
  ): Promise<CompareAndSetResult> {
    this.#assertUsable(options);
    if (value && value.byteLength > MAX_VALUE_BYTES) {
      throw new LimitExceededError('A value for the token store', `${String(MAX_VALUE_BYTES)} bytes`);
    }
    const current = this.#live(key);
    if ((current?.version ?? null) !== expected) return { ok: false, current: copy(current) };
    const version = value && (crypto.randomUUID() as string as Version);
    if (value && version)
      this.#put(key, { value: new Uint8Array(value), version, expiresAt: expiry(options) });
    else this.#delete(key);
    this.#changed(key);
    return Promise.resolve({ ok: true, version });
  }

  async list(partition: string, options: ListOptions = {}): Promise<readonly ListedRecord[]> {
    this.#assertUsable(options);
    const records: ListedRecord[] = [];
    for (const id of [...(this.#partitions.get(partition)?.keys() ?? [])].sort()) {
      if (records.length >= (options.limit ?? Infinity)) break;
      if (options.after !== undefined && id <= options.after) continue;
      const record = copy(this.#live({ partition, id }));
      if (record) records.push({ id, ...record });
    }
    return Promise.resolve(records);
  }

  async purge(partition: string, options?: CallOptions): Promise<void> {
    this.#assertUsable(options);
    const ids = [...(this.#partitions.get(partition)?.keys() ?? [])];
    this.#partitions.delete(partition);
    for (const id of ids) this.#changed({ partition, id });
    return Promise.resolve();
  }

  async watch(key: RecordKey, onChange: () => void, options?: CallOptions): Promise<() => Promise<void>> {
    this.#assertUsable(options);
    const watchers = this.#watchers.get(watched(key)) ?? new Set();
    // A function of its own: the same `onChange` may watch twice.
    const watcher = (): void => onChange();
    this.#watchers.set(watched(key), watchers.add(watcher));
    return Promise.resolve(() => {
      watchers.delete(watcher);
      if (watchers.size === 0 && this.#watchers.get(watched(key)) === watchers) {
        this.#watchers.delete(watched(key));
      }
      return Promise.resolve();
    });
  }

  async check(options?: CallOptions): Promise<void> {
    this.#assertUsable(options);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#partitions.clear();
    this.#watchers.clear();
    return Promise.resolve();
  }

  #assertUsable(options: CallOptions | undefined): void {
    if (this.#closed) throw new StoreError('unavailable', 'The token store in memory was closed.');
    options?.signal?.throwIfAborted();
  }

  #put({ partition, id }: RecordKey, entry: Entry): void {
    const entries = this.#partitions.get(partition) ?? new Map<string, Entry>();
    this.#partitions.set(partition, entries.set(id, entry));
  }

  #delete({ partition, id }: RecordKey): void {
    const entries = this.#partitions.get(partition);
    entries?.delete(id);
    if (entries?.size === 0) this.#partitions.delete(partition);
  }

  #changed(key: RecordKey): void {
    for (const watcher of this.#watchers.get(watched(key)) ?? []) queueMicrotask(watcher);
  }

  #live(key: RecordKey): Entry | null {
    const entry = this.#partitions.get(key.partition)?.get(key.id);
    if (!entry) return null;
    if (entry.expiresAt > performance.now()) return entry;
    this.#delete(key);
    return null;
  }
}

function expiry({ ttlMs = Infinity }: WriteOptions): number {
  return performance.now() + ttlMs;
}

function watched({ partition, id }: RecordKey): string {
  return `${partition}/${id}`;
}

function copy(entry: Entry | null): StoredRecord | null {
  return entry && { value: new Uint8Array(entry.value), version: entry.version };
}
