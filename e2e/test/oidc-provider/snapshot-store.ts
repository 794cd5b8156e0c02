import { MemoryTokenStore } from '@mcp-oauth/core';
import type { CompareAndSetResult, RecordKey, Version, WriteOptions } from '@mcp-oauth/core';

/** A store that can be copied, as a backup is that somebody puts back. */
export class SnapshotStore extends MemoryTokenStore {
  readonly #partitions = new Set<string>();

  override compareAndSet(
    key: RecordKey,
    expected: Version | null,
    value: Uint8Array | null,
    options?: WriteOptions,
  ): Promise<CompareAndSetResult> {
    this.#partitions.add(key.partition);
    return super.compareAndSet(key, expected, value, options);
  }

  async copy(): Promise<MemoryTokenStore> {
    const copy = new MemoryTokenStore();
    for (const partition of this.#partitions) {
      for (const { id, value } of await this.list(partition))
        await copy.compareAndSet({ partition, id }, null, value);
    }
    return copy;
  }
}
