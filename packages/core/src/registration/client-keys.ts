import { withoutRootSlash } from '../discovery/issuer.js';
import { SigningKey } from '../protocol/signing-key.js';
import { lengthPrefixed, ownerParts } from '../session-key/session-key.js';
import type { Owner } from '../session-key/session-key.js';
import type { ClientKey } from './client-key.js';

/** Whoever makes a session anew, as hosts do for each request, brings its keys again. */
const MAX_KEYS = 10_000;

/** The private keys that may sign in a certain name. */
export interface ClientKeys {
  /** The one that proves a client at an issuer. */
  find(clientId: string, issuer: string): SigningKey | undefined;
}

/**
 * The private keys that this process was given, least recently used first. Records name the client alone, so that whoever
 * goes on with a grant (a refresh, a revocation) finds its key here again; and only among those of the grant's owner,
 * since anybody may say that somebody else's client is theirs.
 */
export class ClientKeyring {
  readonly #keys = new Map<string, SigningKey>();
  /** Prove the client that this host itself is, whoever it speaks for. */
  readonly host: ClientKeys;

  /** @throws {InvalidConfigError} */
  constructor(host?: { readonly clientId: string; readonly key: ClientKey }) {
    const own = host && signingKey(host.clientId, host.key);
    this.host = { find: (clientId) => (clientId === host?.clientId ? own : undefined) };
  }

  /**
   * The key given last counts, as keys are rotated.
   *
   * @param issuer Where the client is registered; `undefined` where the host doesn't say.
   * @throws {InvalidConfigError}
   */
  add(owner: Owner | undefined, clientId: string, issuer: string | undefined, key: ClientKey): void {
    const name = nameOf(owner, clientId, issuer);
    if (this.#used(name)?.isOf(key)) return;
    this.#keys.set(name, signingKey(clientId, key));
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size <= MAX_KEYS) return;
      this.#keys.delete(oldest);
    }
  }

  /** Those of an owner, and of the host. */
  of(owner: Owner | undefined): ClientKeys {
    return {
      find: (clientId, issuer) =>
        this.#used(nameOf(owner, clientId, issuer)) ??
        this.#used(nameOf(owner, clientId, undefined)) ??
        this.host.find(clientId, issuer),
    };
  }

  #used(name: string): SigningKey | undefined {
    const key = this.#keys.get(name);
    if (!key) return undefined;
    this.#keys.delete(name);
    this.#keys.set(name, key);
    return key;
  }
}

function signingKey(clientId: string, key: ClientKey): SigningKey {
  return new SigningKey(key, `the client ${JSON.stringify(clientId)}`);
}

function nameOf(owner: Owner | undefined, clientId: string, issuer: string | undefined): string {
  const client = [clientId, issuer === undefined ? null : withoutRootSlash(issuer)];
  return lengthPrefixed(ownerParts(owner)) + JSON.stringify(client);
}
