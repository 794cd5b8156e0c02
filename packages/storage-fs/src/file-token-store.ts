import { randomBytes } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { LimitExceededError, StoreError } from '@mcp-oauth/core';
import type {
  CallOptions,
  CompareAndSetResult,
  ListedRecord,
  ListOptions,
  RecordKey,
  StoredRecord,
  TokenStore,
  Version,
  WriteOptions,
} from '@mcp-oauth/core';
import { append, create } from './commit.js';
import { readCurrent } from './current-version.js';
import type { CurrentVersion } from './current-version.js';
import { asStoreError, housekeeping } from './failures.js';
import { homeDirectory } from './home-directory.js';
import { assertKeyPart, layoutOf, partitionDirectory, recordDirectory } from './layout.js';
import type { Layout } from './layout.js';
import { listRecords } from './listing.js';
import { probe } from './probe.js';
import { verifyRoot } from './protected-directory.js';
import { purgePartition } from './purge.js';
import { setAsideCorrupt } from './repair.js';
import { retire } from './supersede.js';
import { removeDead, sweepScratch } from './sweep.js';
import { bury } from './trash.js';
import { maxValueBytes } from './version-file.js';
import type { VersionFile } from './version-file.js';

export interface FileTokenStoreOptions {
  /** Made with mode 0700 if it is missing; the directory around it must exist. Default: `~/.mcp-oauth`. */
  readonly directory?: string;
  /** Milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
}

const maxAttempts = 16;

/**
 * Keeps records in plain files of one directory, for any number of processes on one host, with no lock that a
 * killed process could leave behind.
 */
export class FileTokenStore implements TokenStore {
  readonly #layout: Layout;
  readonly #now: () => number;
  readonly #running = new Set<Promise<unknown>>();
  #verified = false;
  #swept = false;
  #closed = false;

  /** Touches no file. Throws a `StoreError` if no `directory` is given and this user has no home directory. */
  constructor({ directory, now = Date.now }: FileTokenStoreOptions = {}) {
    if (directory === '')
      throw new StoreError('misconfigured', 'The directory of the token store is empty text.');
    this.#layout = layoutOf(
      directory === undefined ? join(homeDirectory(), '.mcp-oauth') : resolve(directory),
    );
    this.#now = now;
  }

  async get(key: RecordKey, options: CallOptions = {}): Promise<StoredRecord | null> {
    return this.#run(options, async () => this.#live(this.#read(this.#recordOf(key))));
  }

  async compareAndSet(
    key: RecordKey,
    expected: Version | null,
    value: Uint8Array | null,
    options: WriteOptions = {},
  ): Promise<CompareAndSetResult> {
    // The caller may use its bytes again as soon as this returns.
    const own = value && new Uint8Array(value);
    return this.#run(options, async () => {
      const record = this.#recordOf(key);
      const next = this.#nextVersion(key, own, options.ttlMs);
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const current = this.#read(record);
        const live = this.#live(current);
        if ((live?.version ?? null) !== expected) return { ok: false, current: live };
        if (value === null && live === null) return { ok: true, version: null };
        if (await this.#commit(record, current, next, options.signal))
          return { ok: true, version: value === null ? null : (next.version as Version) };
      }
      throw new StoreError('busy', `The record in ${record} could not be written. Try again.`);
    });
  }

  async list(partition: string, options: ListOptions = {}): Promise<readonly ListedRecord[]> {
    return this.#run(options, async () => {
      assertKeyPart(partition);
      const directory = partitionDirectory(this.#layout, partition);
      const records = await listRecords(directory, (current) => this.#live(current), options);
      this.#verify(records !== undefined);
      return records ?? [];
    });
  }

  async purge(partition: string, options: CallOptions = {}): Promise<void> {
    return this.#run(options, async () => {
      assertKeyPart(partition);
      await purgePartition(this.#layout, partition);
    });
  }

  async check(options: CallOptions = {}): Promise<void> {
    return this.#run(options, () => probe(this.#layout));
  }

  /**
   * Moves every record that is `corrupt` to the subdirectory of that name, so that it counts as absent and a new
   * login can begin. Not for a program to call on its own: what is moved may be somebody's login.
   *
   * @returns where each of them lies now.
   */
  async repair(): Promise<readonly string[]> {
    return this.#run({}, () => setAsideCorrupt(this.#layout));
  }

  /** Resolves when the writes in flight have ended. Later calls reject. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running);
  }

  async #commit(
    record: string,
    current: CurrentVersion | undefined,
    next: Omit<VersionFile, 'previous'>,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    await this.#sweepOnce();
    if (current && !current.file.deleted) return this.#succeed(record, current, next, signal);
    if (current) await bury(this.#layout, record, current);
    const created = await create(this.#layout, record, { ...next, previous: null }, signal);
    if (created) await housekeeping(() => this.#removeDead(dirname(record)));
    return created;
  }

  async #succeed(
    record: string,
    current: CurrentVersion,
    next: Omit<VersionFile, 'previous'>,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const file = { ...next, previous: current.file.version };
    if (!(await append(this.#layout, record, current, file, signal))) return false;
    const newest = { life: current.life, number: current.number + 1, file };
    await housekeeping(() => (file.deleted ? bury(this.#layout, record, newest) : retire(record, newest)));
    return true;
  }

  #removeDead(directory: string): Promise<void> {
    const isExpired = (current: CurrentVersion) => this.#live(current) === null;
    return removeDead(this.#layout, directory, isExpired, async (record, current) => {
      await this.#succeed(record, current, this.#nextVersion(current.file, null, undefined), undefined);
    });
  }

  #nextVersion(
    key: RecordKey,
    value: Uint8Array | null,
    ttlMs: number | undefined,
  ): Omit<VersionFile, 'previous'> {
    if (ttlMs !== undefined && !Number.isFinite(ttlMs)) throw new TypeError('ttlMs is not a finite number.');
    if (value && value.byteLength > maxValueBytes)
      throw new LimitExceededError('A value for the token store', `${maxValueBytes} bytes`);
    return {
      partition: key.partition,
      id: key.id,
      version: randomBytes(12).toString('base64url'),
      expiresAt: ttlMs === undefined || value === null ? null : this.#now() + ttlMs,
      deleted: value === null,
      value: value ?? new Uint8Array(),
    };
  }

  #read(record: string): CurrentVersion | undefined {
    const current = readCurrent(record);
    this.#verify(current !== undefined);
    return current;
  }

  /** Nothing found counts only while the root is in order: it may be a link to a volume that is not mounted. */
  #verify(found: boolean): void {
    if (!found || !this.#verified) this.#verified = verifyRoot(this.#layout);
  }

  #live(current: CurrentVersion | undefined): StoredRecord | null {
    if (!current || current.file.deleted) return null;
    const { expiresAt, value, version } = current.file;
    return expiresAt !== null && expiresAt <= this.#now() ? null : { value, version: version as Version };
  }

  #recordOf(key: RecordKey): string {
    assertKeyPart(key.partition);
    assertKeyPart(key.id);
    return recordDirectory(this.#layout, key);
  }

  async #sweepOnce(): Promise<void> {
    if (this.#swept) return;
    this.#swept = true;
    await housekeeping(() => sweepScratch(this.#layout));
  }

  async #run<T>({ signal }: CallOptions, work: () => Promise<T>): Promise<T> {
    if (this.#closed)
      throw new StoreError('unavailable', `The token store in ${this.#layout.root} was closed.`);
    signal?.throwIfAborted();
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      throw asStoreError(error, this.#layout.root);
    } finally {
      this.#running.delete(running);
    }
  }
}
