import { otherIssuer } from '../discovery/issuer-choice.js';
import { isSameIssuer } from '../discovery/issuer.js';
import type { RecordKey, TokenStore } from '../ports/token-store.js';
import { decodeRecord, encodeRecord } from '../record/record-codec.js';
import { listByPrefix, readable } from '../record/record-list.js';
import { digestId } from '../session-key/digest.js';
import { lengthPrefixed } from '../session-key/session-key.js';
import { REGISTRATIONS_PARTITION } from './registration-repository.js';

const PREFIX = 'issuer-';

/** At which issuer a pre-registered client was used first, for one MCP server. Holds for all owners. */
interface IssuerBinding {
  readonly resource: string;
  readonly client_id: string;
  readonly issuer: string;
}

/**
 * Remembers the issuers of clients that were registered by hand where the host doesn't say which they are. An MCP server
 * that names another one later gets no login begun there: its own choice must not lead a client's secret astray (MCP
 * authorization, "Authorization Server Binding").
 */
export class IssuerBindings {
  readonly #store: TokenStore;

  constructor(store: TokenStore) {
    this.#store = store;
  }

  /** @throws {StoreError} */
  async issuer(resource: string, clientId: string): Promise<string | undefined> {
    const record = await this.#store.get(await key(resource, clientId));
    return record ? decode(record.value).issuer : undefined;
  }

  /**
   * Remembers the first issuer. Of two that begin at once, one is first.
   *
   * @throws {IssuerMismatchError} another one is remembered.
   * @throws {StoreError}
   */
  async bind(resource: string, clientId: string, issuer: string): Promise<void> {
    const binding: IssuerBinding = { resource, client_id: clientId, issuer };
    const value = encodeRecord('issuer', binding);
    const result = await this.#store.compareAndSet(await key(resource, clientId), null, value);
    if (result.ok || !result.current) return;
    const first = decode(result.current.value).issuer;
    if (!isSameIssuer(first, issuer)) {
      throw otherIssuer(resource, { issuer: first, origin: 'remembered' }, [issuer]);
    }
  }

  /** Forgets the issuers of all clients at one MCP server. */
  async forget(resource: string): Promise<void> {
    for (const { id, value, version } of await listByPrefix(this.#store, REGISTRATIONS_PARTITION, PREFIX)) {
      const binding = readable(value, decode, 'corrupt');
      // One that nobody can read keeps its client from every login, and nobody knows whose it is.
      if (binding && binding.resource !== resource) continue;
      await this.#store.compareAndSet({ partition: REGISTRATIONS_PARTITION, id }, version, null);
    }
  }
}

async function key(resource: string, clientId: string): Promise<RecordKey> {
  const id = PREFIX + (await digestId(lengthPrefixed([resource, clientId])));
  return { partition: REGISTRATIONS_PARTITION, id };
}

function decode(value: Uint8Array): IssuerBinding {
  const record = decodeRecord('issuer', value);
  return {
    resource: record.text('resource'),
    client_id: record.text('client_id'),
    issuer: record.text('issuer'),
  };
}
