import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { StoreError } from '@mcp-oauth/core';
import type { CallOptions, ListOptions, RecordKey, TokenStore, Version, WriteOptions } from '@mcp-oauth/core';
import type { Entry } from './plain-store.js';
import { PlainStore } from './plain-store.js';

const ONE_WAY_MS = 2;

/** Keeps the records of a `ServedStore`, at the other end of a connection that can be cut. */
export class Server extends PlainStore {
  isCut = false;
  /** Changes with every cut: what was on its way before is lost. */
  connection = 0;
  #given: Version | undefined;

  get size(): number {
    return this.entries.size;
  }

  /** `compareAndSet`, with a version that the client has made. */
  async write(version: Version, ...write: Parameters<PlainStore['compareAndSet']>) {
    this.#given = version;
    return super.compareAndSet(...write);
  }

  protected override newVersion(): Version {
    return this.#given ?? (randomUUID() as string as Version);
  }

  restart(): void {
    this.connection += 1;
  }
}

/** Writes down what it has every so many writes. */
export class ForgetfulServer extends Server {
  #writtenDown = new Map<string, Entry>();
  #writes = 0;

  protected override tell(): void {
    this.#writes += 1;
    if (this.#writes % 5 === 0) this.#writtenDown = new Map(this.entries);
  }

  override restart(): void {
    super.restart();
    this.entries.clear();
    for (const [name, entry] of this.#writtenDown) this.entries.set(name, entry);
  }
}

/** A store on a server, which sends again what was not answered. */
export class ServedStore implements TokenStore {
  protected readonly server: Server;
  protected readonly patienceMs: number = 3_000;
  #isClosed = false;

  constructor(server: Server) {
    this.server = server;
  }

  /** Whether this write was made already, by a request whose answer was lost. */
  protected async isMade(key: RecordKey, version: Version): Promise<boolean> {
    return (await this.server.get(key))?.version === version;
  }

  protected assertWanted({ signal }: CallOptions): void {
    signal?.throwIfAborted();
  }

  get(key: RecordKey, options: CallOptions = {}) {
    return this.#ask(() => this.server.get(key), options);
  }

  compareAndSet(
    key: RecordKey,
    expected: Version | null,
    value: Uint8Array | null,
    options: WriteOptions = {},
  ) {
    const { signal: _, ...rest } = options;
    const version = randomUUID() as string as Version;
    const kept = value && new Uint8Array(value);
    return this.#ask(async () => {
      if (value && (await this.isMade(key, version))) return { ok: true, version } as const;
      return this.server.write(version, key, expected, kept, rest);
    }, options);
  }

  list(partition: string, options: ListOptions = {}) {
    const { signal: _, ...rest } = options;
    return this.#ask(() => this.server.list(partition, rest), options);
  }

  purge(partition: string, options: CallOptions = {}) {
    return this.#ask(() => this.server.purge(partition), options);
  }

  check(options: CallOptions = {}) {
    return this.#ask(() => this.server.check(), options);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  async #ask<T>(request: () => Promise<T>, options: CallOptions): Promise<T> {
    const until = performance.now() + this.patienceMs;
    do {
      if (this.#isClosed) throw new StoreError('unavailable', 'The store was closed.');
      this.assertWanted(options);
      const { connection } = this.server;
      const isLost = () => this.server.isCut || this.server.connection !== connection;
      await delay(ONE_WAY_MS);
      if (isLost()) continue;
      const answer = await request();
      await delay(ONE_WAY_MS);
      if (!isLost()) return answer;
    } while (performance.now() < until);
    throw new StoreError('unavailable', 'The server does not answer.');
  }
}

/** Sends again what was not answered as if it were new. */
export class ResendingStore extends ServedStore {
  protected override isMade(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

/** Looks at no signal while it waits for the server. */
export class DeafStore extends ServedStore {
  protected override assertWanted(): void {
    return;
  }
}

/** Waits for the server longer than the port allows. */
export class PatientStore extends ServedStore {
  protected override readonly patienceMs = 30_000;
}
