import { readClient, readDpop, readServer } from '../credentials/credentials-codec.js';
import type { ClientInformation, DpopBinding, PinnedServer } from '../credentials/credentials.js';
import { StoreError } from '../errors.js';
import type { RecordKey, TokenStore } from '../ports/token-store.js';
import { decodeRecord, encodeRecord } from '../record/record-codec.js';
import { listByPrefix } from '../record/record-list.js';
import type { Clock } from '../time/clock.js';

/** MCP security best practices: a state is good for ten minutes at most. */
const PENDING_LIFETIME_MS = 10 * 60_000;
const MAX_PENDING = 20;
/** Whoever begins again after this long has not come back from where the last flow led. */
const STALE_MS = 10_000;
const ID_PREFIX = 'pending-';

/** One flow between its begin and its callback. Everything the callback needs was fixed when it began. */
export interface PendingAuthorization {
  readonly resource: string;
  readonly profile: string;
  /** Of the credentials record: a completion commits only over it. */
  readonly epoch: string;
  readonly server: PinnedServer;
  readonly issAnnounced: boolean;
  readonly client: ClientInformation;
  readonly redirectUri: string;
  readonly codeVerifier: string;
  readonly resourceIndicator?: string | undefined;
  readonly scope?: string | undefined;
  /** The key that the tokens will be bound to (RFC 9449): whoever ends the flow proves that it has it. */
  readonly dpop?: DpopBinding | undefined;
  /** SHA-256 of what the host keeps in the browser that began the flow. */
  readonly bindingHash?: string | undefined;
  /** Unix time in milliseconds. */
  readonly createdAt: number;
}

/** Keeps the flows that are under way, each found by its `state` and taken once. */
export class PendingAuthorizations {
  readonly #store: TokenStore;
  readonly #clock: Clock;

  constructor(store: TokenStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Adds a flow; beyond 20 of one owner the oldest are dropped. */
  async add(key: RecordKey, pending: PendingAuthorization): Promise<void> {
    const value = encodeRecord('pending', pending);
    await this.#store.compareAndSet(key, null, value, { ttlMs: PENDING_LIFETIME_MS });
    const others = await this.#list(key.partition);
    const excess = others.sort((a, b) => b.pending.createdAt - a.pending.createdAt).slice(MAX_PENDING);
    for (const { id, version } of excess) {
      await this.#store.compareAndSet({ partition: key.partition, id }, version, null);
    }
  }

  /** The flow, without taking it. `null` where it has ended, expired or was taken. */
  async peek(key: RecordKey): Promise<PendingAuthorization | null> {
    const record = await this.#store.get(key);
    return record && this.#current(decode(record.value));
  }

  /** Takes the flow: of any number of callers, one gets it. */
  async take(key: RecordKey): Promise<PendingAuthorization | null> {
    const record = await this.#store.get(key);
    if (!record) return null;
    const { ok } = await this.#store.compareAndSet(key, record.version, null);
    return ok ? this.#current(decode(record.value)) : null;
  }

  /** Whether an earlier flow of this session key led nowhere so far. */
  async hasStale(partition: string, resource: string, profile: string): Promise<boolean> {
    const before = this.#clock.now() - STALE_MS;
    const flows = await this.#list(partition);
    return flows.some(
      ({ pending }) =>
        pending.resource === resource && pending.profile === profile && pending.createdAt < before,
    );
  }

  /** Drops every flow of one session key. */
  async drop(partition: string, resource: string, profile: string): Promise<void> {
    for (const { id, version, pending } of await this.#list(partition)) {
      if (pending.resource !== resource || pending.profile !== profile) continue;
      await this.#store.compareAndSet({ partition, id }, version, null);
    }
  }

  /** A record that can't be read ends no login and keeps nobody from one: it ends by itself, and is of no use till then. */
  async #list(partition: string) {
    try {
      const records = await listByPrefix(this.#store, partition, ID_PREFIX);
      return records.map(({ id, version, value }) => ({ id, version, pending: decode(value) }));
    } catch (error) {
      if (error instanceof StoreError && error.kind === 'corrupt') return [];
      throw error;
    }
  }

  /** Some stores delete late: the record's own age decides too. */
  #current(pending: PendingAuthorization): PendingAuthorization | null {
    return this.#clock.now() - pending.createdAt < PENDING_LIFETIME_MS ? pending : null;
  }
}

function decode(value: Uint8Array): PendingAuthorization {
  const record = decodeRecord('pending', value);
  const dpop = record.optionalObject('dpop');
  return {
    resource: record.text('resource'),
    profile: record.text('profile'),
    epoch: record.text('epoch'),
    server: readServer(record.object('server')),
    issAnnounced: record.flag('issAnnounced'),
    client: readClient(record.object('client')),
    redirectUri: record.text('redirectUri'),
    codeVerifier: record.text('codeVerifier'),
    resourceIndicator: record.optionalText('resourceIndicator'),
    scope: record.optionalText('scope'),
    dpop: dpop && readDpop(dpop),
    bindingHash: record.optionalText('bindingHash'),
    createdAt: record.number('createdAt'),
  };
}
