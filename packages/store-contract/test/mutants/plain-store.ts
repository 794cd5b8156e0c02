import { randomUUID } from 'node:crypto';
import { StoreError } from '@mcp-oauth/core';
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
} from '@mcp-oauth/core';

export interface Entry {
  readonly key: RecordKey;
  readonly value: Uint8Array;
  readonly version: Version;
  readonly until: number;
}

/** A store that is right, of parts that can each be made wrong. */
export class PlainStore implements WatchableTokenStore {
  protected readonly entries = new Map<string, Entry>();
  protected readonly watchers = new Map<string, Set<() => void>>();
  protected closed = false;

  protected nameOf({ partition, id }: RecordKey): string {
    return `${partition}/${id}`;
  }

  protected newVersion(_key: RecordKey, _value: Uint8Array): Version {
    return randomUUID() as string as Version;
  }

  protected untilOf({ ttlMs = Infinity }: WriteOptions, _before: Entry | undefined): number {
    return performance.now() + ttlMs;
  }

  protected isOver({ until }: Entry): boolean {
    return until <= performance.now();
  }

  protected isListed(entry: Entry): boolean {
    return !this.isOver(entry);
  }

  protected isOf({ key }: Entry, partition: string): boolean {
    return key.partition === partition;
  }

  protected kept(value: Uint8Array): Uint8Array {
    return new Uint8Array(value);
  }

  protected given(value: Uint8Array): Uint8Array {
    return new Uint8Array(value);
  }

  protected sorted(entries: Entry[]): Entry[] {
    return entries.sort((one, other) => (one.key.id < other.key.id ? -1 : 1));
  }

  protected page(entries: Entry[], { after, limit }: ListOptions): Entry[] {
    return entries.filter(({ key }) => after === undefined || key.id > after).slice(0, limit);
  }

  protected live(key: RecordKey): Entry | undefined {
    const entry = this.entries.get(this.nameOf(key));
    return entry && !this.isOver(entry) ? entry : undefined;
  }

  protected recordOf(entry: Entry | undefined): StoredRecord | null {
    return entry ? { value: this.given(entry.value), version: entry.version } : null;
  }

  protected matches(
    current: Entry | undefined,
    expected: Version | null,
    _value: Uint8Array | null,
  ): boolean {
    return (current?.version ?? null) === expected;
  }

  protected put(key: RecordKey, value: Uint8Array, options: WriteOptions): Version {
    const before = this.entries.get(this.nameOf(key));
    const version = this.newVersion(key, value);
    const until = this.untilOf(options, before);
    this.entries.set(this.nameOf(key), { key, value: this.kept(value), version, until });
    return version;
  }

  protected remove(key: RecordKey): void {
    this.entries.delete(this.nameOf(key));
  }

  protected tell(key: RecordKey): void {
    for (const onChange of this.watchers.get(this.nameOf(key)) ?? []) queueMicrotask(onChange);
  }

  protected assertUsable({ signal }: CallOptions): void {
    if (this.closed) throw new StoreError('unavailable', 'The store was closed.');
    signal?.throwIfAborted();
  }

  async get(key: RecordKey, options: CallOptions = {}): Promise<StoredRecord | null> {
    this.assertUsable(options);
    return this.recordOf(this.live(key));
  }

  async compareAndSet(
    key: RecordKey,
    expected: Version | null,
    value: Uint8Array | null,
    options: WriteOptions = {},
  ): Promise<CompareAndSetResult> {
    this.assertUsable(options);
    const current = this.live(key);
    if (!this.matches(current, expected, value)) return { ok: false, current: this.recordOf(current) };
    const version = value && this.put(key, value, options);
    if (!value) this.remove(key);
    this.tell(key);
    return { ok: true, version };
  }

  async list(partition: string, options: ListOptions = {}): Promise<readonly ListedRecord[]> {
    this.assertUsable(options);
    const listed = [...this.entries.values()].filter(
      (entry) => this.isOf(entry, partition) && this.isListed(entry),
    );
    return this.page(this.sorted(listed), options).map(({ key, value, version }) => ({
      id: key.id,
      value: this.given(value),
      version,
    }));
  }

  async purge(partition: string, options: CallOptions = {}): Promise<void> {
    this.assertUsable(options);
    for (const entry of this.entries.values()) {
      if (!this.isOf(entry, partition)) continue;
      this.remove(entry.key);
      this.tell(entry.key);
    }
  }

  async watch(key: RecordKey, onChange: () => void, options: CallOptions = {}): Promise<() => Promise<void>> {
    this.assertUsable(options);
    const name = this.nameOf(key);
    const watcher = () => {
      onChange();
    };
    this.watchers.set(name, (this.watchers.get(name) ?? new Set()).add(watcher));
    return async () => {
      this.watchers.get(name)?.delete(watcher);
    };
  }

  async check(options: CallOptions = {}): Promise<void> {
    this.assertUsable(options);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
