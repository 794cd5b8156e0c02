import { readClient } from '../credentials/credentials-codec.js';
import type { ClientInformation } from '../credentials/credentials.js';
import { listByPrefix, readable } from '../record/record-list.js';
import { RecordChanges } from '../record/record-changes.js';
import type { RecordKey, StoredRecord, TokenStore, Version } from '../ports/token-store.js';
import { decodeRecord, encodeRecord } from '../record/record-codec.js';
import type { RecordReader } from '../record/record-codec.js';
import { digestId } from '../session-key/digest.js';
import { lengthPrefixed } from '../session-key/session-key.js';
import type { Lease } from '../token/lease-observer.js';
import type { RegistrationRequest } from './dynamic-registration.js';

/** A mark without a client is of use while somebody registers, and goes away by itself. */
const UNFINISHED_TTL_MS = 60_000;

/** What dynamic registration gave, shared by all owners; or how far it has come. */
export interface ClientRegistration {
  readonly issuer: string;
  readonly redirect_uris: readonly string[];
  readonly client?: ClientInformation | undefined;
  /** Somebody is registering. */
  readonly attempt?: Lease | undefined;
  /** How the last attempt ended that was in vain. */
  readonly failed?: FailedAttempt | undefined;
}

export interface FailedAttempt {
  readonly id: string;
  readonly kind: 'refused' | 'transient';
  /** The `error` of the response (RFC 7591 section 3.2.2), where there was one. */
  readonly error?: string | undefined;
}

export interface StoredRegistration {
  readonly registration: ClientRegistration;
  readonly version: Version;
}

/** Registrations lie in a partition of their own: a million owners don't mean a million registrations. */
export const REGISTRATIONS_PARTITION = 'registrations';
const PREFIX = 'registration-';

export class RegistrationRepository {
  readonly #store: TokenStore;

  constructor(store: TokenStore) {
    this.#store = store;
  }

  async id(issuer: string, request: RegistrationRequest): Promise<string> {
    const { redirect_uris, ...metadata } = request;
    return `${PREFIX}${await digestId(lengthPrefixed([issuer, JSON.stringify(metadata), ...redirect_uris]))}`;
  }

  async get(id: string): Promise<StoredRegistration | null> {
    return decoded(await this.#store.get(key(id)));
  }

  /** For whoever waits for another process. To be ended. */
  changes(id: string): RecordChanges {
    return new RecordChanges(this.#store, key(id));
  }

  /** Writes over exactly what was read, or says what stands there now. */
  async put(
    id: string,
    over: StoredRegistration | null,
    registration: ClientRegistration,
  ): Promise<{ readonly ok: boolean; readonly stored: StoredRegistration | null }> {
    const value = encodeRecord('registration', registration);
    const options = registration.client ? {} : { ttlMs: UNFINISHED_TTL_MS };
    const result = await this.#store.compareAndSet(key(id), over?.version ?? null, value, options);
    if (!result.ok) return { ok: false, stored: decoded(result.current) };
    return { ok: true, stored: result.version === null ? null : { registration, version: result.version } };
  }

  /** Forgets the registration of one client, or of all at this issuer. */
  async discard(issuer: string, clientId?: string): Promise<void> {
    for (const { id, value, version } of await listByPrefix(this.#store, REGISTRATIONS_PARTITION, PREFIX)) {
      // What nobody can read is nobody's client, and must not keep another one from being discarded.
      const registration = readable(value, decode, 'corrupt', 'schema');
      if (registration?.issuer !== issuer || !registration.client) continue;
      if (clientId !== undefined && registration.client.client_id !== clientId) continue;
      await this.#store.compareAndSet(key(id), version, null);
    }
  }
}

function key(id: string): RecordKey {
  return { partition: REGISTRATIONS_PARTITION, id };
}

function decoded(record: StoredRecord | null): StoredRegistration | null {
  return record && { registration: decode(record.value), version: record.version };
}

function decode(value: Uint8Array): ClientRegistration {
  const record = decodeRecord('registration', value);
  const client = record.optionalObject('client');
  const attempt = record.optionalObject('attempt');
  const failed = record.optionalObject('failed');
  return {
    issuer: record.text('issuer'),
    redirect_uris: record.texts('redirect_uris'),
    client: client && readClient(client),
    attempt: attempt && readAttempt(attempt),
    failed: failed && readFailed(failed),
  };
}

function readAttempt(record: RecordReader): Lease {
  return {
    id: record.text('id'),
    startedAt: record.number('startedAt'),
    holder: record.optionalText('holder'),
  };
}

function readFailed(record: RecordReader): FailedAttempt {
  return {
    id: record.text('id'),
    kind: record.oneOf('kind', ['refused', 'transient']),
    error: record.optionalText('error'),
  };
}
