import { MemoryTokenStore } from '@mcp-oauth/core';
import type {
  CompareAndSetResult,
  ListedRecord,
  ListOptions,
  RecordKey,
  StoredRecord,
  TokenStore,
  Version,
  WriteOptions,
} from '@mcp-oauth/core';

/** A store that can be read as a whole, to see what a call changed and what it left behind. */
export class WatchedStore implements TokenStore {
  readonly #store = new MemoryTokenStore();
  readonly #partitions = new Set<string>();

  get(key: RecordKey): Promise<StoredRecord | null> {
    return this.#store.get(key);
  }

  compareAndSet(
    key: RecordKey,
    expected: Version | null,
    value: Uint8Array | null,
    options?: WriteOptions,
  ): Promise<CompareAndSetResult> {
    this.#partitions.add(key.partition);
    return this.#store.compareAndSet(key, expected, value, options);
  }

  list(partition: string, options?: ListOptions): Promise<readonly ListedRecord[]> {
    return this.#store.list(partition, options);
  }

  purge(partition: string): Promise<void> {
    return this.#store.purge(partition);
  }

  check(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Every record, as `partition/id@version`: equal lists mean that nothing was written in between. */
  async records(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const partition of [...this.#partitions].sort()) {
      for (const { id, version } of await this.#store.list(partition))
        found.push(`${partition}/${id}@${version}`);
    }
    return found;
  }

  /** The records of people: neither the registrations that all share nor the store's own secret. */
  async personal(): Promise<readonly string[]> {
    return (await this.records()).filter((record) => !/^(registrations|mcp-oauth)\//.test(record));
  }
}
