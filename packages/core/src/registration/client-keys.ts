import { withoutRootSlash } from '../discovery/issuer.js';
import { SigningKey } from '../protocol/signing-key.js';
import type { ClientKey } from './client-key.js';

/**
 * The private keys that this host has configured, by the client that they prove. Records name the client alone, so
 * that whoever goes on with a grant (a refresh, a revocation) finds its key here again.
 */
export class ClientKeys {
  readonly #keys = new Map<string, SigningKey>();

  /**
   * The key given last counts, as keys are rotated.
   *
   * @param issuer Where the client is registered; `undefined` where the host doesn't say.
   * @throws {InvalidConfigError}
   */
  add(clientId: string, issuer: string | undefined, key: ClientKey): void {
    const name = nameOf(clientId, issuer);
    if (this.#keys.get(name)?.isOf(key)) return;
    this.#keys.set(name, new SigningKey(key, `the client ${JSON.stringify(clientId)}`));
  }

  find(clientId: string, issuer: string): SigningKey | undefined {
    return this.#keys.get(nameOf(clientId, issuer)) ?? this.#keys.get(nameOf(clientId, undefined));
  }
}

function nameOf(clientId: string, issuer: string | undefined): string {
  return JSON.stringify([clientId, issuer === undefined ? null : withoutRootSlash(issuer)]);
}
