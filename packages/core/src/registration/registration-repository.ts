import { readClient } from '../credentials/credentials-codec.js';
import type { ClientInformation } from '../credentials/credentials.js';
import type { TokenStore, Version } from '../ports/token-store.js';
import { decodeRecord, encodeRecord } from '../record/record-codec.js';
import { digestId } from '../session-key/digest.js';
import { lengthPrefixed } from '../session-key/session-key.js';
import type { RegistrationRequest } from './dynamic-registration.js';

/** What dynamic registration gave, shared by all owners. */
export interface ClientRegistration {
  readonly issuer: string;
  readonly redirect_uris: readonly string[];
  readonly client: ClientInformation;
}

export interface StoredRegistration {
  readonly registration: ClientRegistration;
  readonly version: Version;
}

/** Registrations lie in a partition of their own: a million owners don't mean a million registrations. */
export const REGISTRATIONS_PARTITION = 'registrations';

export class RegistrationRepository {
  readonly #store: TokenStore;

  constructor(store: TokenStore) {
    this.#store = store;
  }

  async id(issuer: string, request: RegistrationRequest): Promise<string> {
    const { redirect_uris, ...metadata } = request;
    return `registration-${await digestId(lengthPrefixed([issuer, JSON.stringify(metadata), ...redirect_uris]))}`;
  }

  async get(id: string): Promise<StoredRegistration | null> {
    const record = await this.#store.get({ partition: REGISTRATIONS_PARTITION, id });
    return record && { registration: decode(record.value), version: record.version };
  }

  /** Resolves with what stands there afterwards: ours, or the one of whoever was faster. */
  async put(id: string, over: Version | null, registration: ClientRegistration): Promise<ClientRegistration> {
    const value = encodeRecord('registration', registration);
    const result = await this.#store.compareAndSet({ partition: REGISTRATIONS_PARTITION, id }, over, value);
    return result.ok || !result.current ? registration : decode(result.current.value);
  }

  /** Forgets the registration of one client, or of all at this issuer. */
  async discard(issuer: string, clientId?: string): Promise<void> {
    for (const { id, value, version } of await this.#store.list(REGISTRATIONS_PARTITION)) {
      const registration = decode(value);
      if (registration.issuer !== issuer) continue;
      if (clientId !== undefined && registration.client.client_id !== clientId) continue;
      await this.#store.compareAndSet({ partition: REGISTRATIONS_PARTITION, id }, version, null);
    }
  }
}

function decode(value: Uint8Array): ClientRegistration {
  const record = decodeRecord('registration', value);
  return {
    issuer: record.text('issuer'),
    redirect_uris: record.texts('redirect_uris'),
    client: readClient(record.object('client')),
  };
}
