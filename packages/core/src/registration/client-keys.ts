import { withoutRootSlash } from '../discovery/issuer.js';
import { SigningKey } from '../protocol/signing-key.js';
import { lengthPrefixed, ownerParts } from '../session-key/session-key.js';
import type { Owner } from '../session-key/session-key.js';
import type { ClientKey } from './client-key.js';

/** A session that is used brings its keys again. */
const MAX_OWNERS = 50_000;
/** What one owner configures pushes out nobody else's. */
const MAX_KEYS_PER_OWNER = 10_000;

/** The private keys that may sign in a certain name. */
export interface ClientKeys {
  /** The one that proves a client at an issuer. */
  find(clientId: string, issuer: string): SigningKey | undefined;
}

/** A client, and where it is registered; `undefined` where the host doesn't say. */
export interface KeyedClient {
  readonly clientId: string;
  readonly issuer?: string | undefined;
}

interface KeptKey {
  readonly order: number;
  readonly key: SigningKey;
}

/**
 * The private keys that this process was given, least recently used first. Records name the client alone, so that whoever
 * goes on with a grant (a refresh, a revocation) finds its key here again; and only among those of the grant's owner,
 * since anybody may say that somebody else's client is theirs.
 */
export class ClientKeyring {
  readonly #owners = new Map<string, Map<string, KeptKey>>();
  #order = 0;
  /** Prove the client that this host itself is, whoever it speaks for. */
  readonly host: ClientKeys;

  /** @throws {InvalidConfigError} */
  constructor(host?: { readonly clientId: string; readonly key: ClientKey }) {
    const own = host && signingKey(host.clientId, host.key);
    this.host = { find: (clientId) => (clientId === host?.clientId ? own : undefined) };
  }

  /** What {@link add} is told by whoever gives keys now. */
  order(): number {
    return ++this.#order;
  }

  /**
   * The key given last counts, as keys are rotated, and not the one that an older session brings again.
   *
   * @throws {InvalidConfigError}
   */
  add(order: number, owner: Owner | undefined, { clientId, issuer }: KeyedClient, given: ClientKey): void {
    const name = ownerName(owner);
    const keys = used(this.#owners, name) ?? new Map<string, KeptKey>();
    const client = clientName(clientId, issuer);
    const kept = used(keys, client);
    if (kept && kept.order >= order) return;
    const key = kept?.key.isOf(given) === true ? kept.key : signingKey(clientId, given);
    keys.set(client, { order, key });
    this.#owners.set(name, keys);
    dropOldest(keys, MAX_KEYS_PER_OWNER);
    dropOldest(this.#owners, MAX_OWNERS);
  }

  /** Those of an owner, and of the host. */
  of(owner: Owner | undefined): ClientKeys {
    const name = ownerName(owner);
    return {
      find: (clientId, issuer) => {
        const keys = used(this.#owners, name);
        const kept =
          keys && (used(keys, clientName(clientId, issuer)) ?? used(keys, clientName(clientId, undefined)));
        return kept?.key ?? this.host.find(clientId, issuer);
      },
    };
  }
}

function signingKey(clientId: string, key: ClientKey): SigningKey {
  return new SigningKey(key, `the client ${JSON.stringify(clientId)}`);
}

function ownerName(owner: Owner | undefined): string {
  return lengthPrefixed(ownerParts(owner));
}

function clientName(clientId: string, issuer: string | undefined): string {
  return JSON.stringify([clientId, issuer === undefined ? null : withoutRootSlash(issuer)]);
}

function used<T>(entries: Map<string, T>, name: string): T | undefined {
  const entry = entries.get(name);
  if (entry === undefined) return undefined;
  entries.delete(name);
  entries.set(name, entry);
  return entry;
}

function dropOldest(entries: Map<string, unknown>, max: number): void {
  for (const oldest of entries.keys()) {
    if (entries.size <= max) return;
    entries.delete(oldest);
  }
}
