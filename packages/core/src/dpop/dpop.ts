import type { DpopBinding, Grant } from '../credentials/credentials.js';
import { AuthorizationRequiredError } from '../errors.js';
import type { Clock } from '../time/clock.js';
import { chooseDpop } from './dpop-choice.js';
import type { DpopChoice, DpopChoiceRequest } from './dpop-choice.js';
import {
  algorithmOfPair,
  damagedKey,
  GENERATED_ALGORITHMS,
  generateJwk,
  keyOfJwk,
  keyOfPair,
} from './dpop-key.js';
import type { DpopKey } from './dpop-key.js';
import { DpopNonces } from './dpop-nonces.js';
import { DpopProver } from './dpop-prover.js';

/**
 * `never` only bearer tokens · a key pair of the host's own, which is never stored: every process that shares the
 * logins has to have it.
 */
export type DpopOption = 'never' | CryptoKeyPair;

export interface DpopLogin extends Omit<DpopChoiceRequest, 'ours'> {
  /** Whether whoever sends the requests can send proofs. */
  readonly canProve: boolean;
}

const MAX_KEYS = 1_000;

/** Binds tokens to keys (RFC 9449), and proves that a key is here. Shared by all sessions of a client. */
export class Dpop {
  readonly #clock: Clock;
  readonly #option: DpopOption | undefined;
  readonly #nonces = new DpopNonces();
  /** By thumbprint: importing a key costs more than a signature. */
  readonly #keys = new Map<string, DpopKey>();
  #own: Promise<DpopKey> | undefined;

  /** @throws {InvalidConfigError} the host's key pair can't sign. */
  constructor(clock: Clock, option: DpopOption | undefined) {
    this.#clock = clock;
    this.#option = option;
    if (typeof option === 'object') algorithmOfPair(option);
  }

  /**
   * The key that the tokens of a new login are to be bound to; `undefined` for bearer tokens. Each login has a key of
   * its own, so that no server can tell two of them to be of one host; a host's own key gives that up.
   *
   * @throws {DpopUnsupportedError} the MCP server takes nothing else, and it can't be done.
   */
  async binding(login: DpopLogin): Promise<DpopBinding | undefined> {
    const choice = this.#choice(login);
    if (!choice) return undefined;
    const { alg, isRequired } = choice;
    const required = isRequired ? true : undefined;
    const pair = this.#pair;
    if (pair) return { jkt: (await this.#ownKey(pair)).thumbprint, alg, required };
    const key = await generateJwk(alg);
    return { jkt: (await keyOfJwk(key, alg)).thumbprint, alg, key, required };
  }

  /**
   * Whether a login at this authorization server can give tokens that the MCP server takes.
   *
   * @throws {DpopUnsupportedError}
   */
  assertPossible(login: Omit<DpopLogin, 'canProve'>): void {
    this.choice(login);
  }

  /** How such a login would bind its tokens. @throws {DpopUnsupportedError} */
  choice(login: Omit<DpopLogin, 'canProve'>): DpopChoice | undefined {
    return this.#choice({ ...login, canProve: true });
  }

  /**
   * What proves possession of the key of a binding.
   *
   * @param whose Resource or issuer, for the message.
   * @throws {AuthorizationRequiredError} `key_missing`: it is a key of the host that this process was not given.
   * @throws {StoreError} the record's key is damaged.
   */
  async prover(binding: DpopBinding, whose: string): Promise<DpopProver> {
    const key = await this.#key(binding);
    if (!key) throw new AuthorizationRequiredError(whose, 'key_missing');
    return new DpopProver(key.thumbprint, { ...key, alg: binding.alg }, this.#nonces, this.#clock);
  }

  /** @throws {AuthorizationRequiredError | StoreError} as {@link prover} */
  async assertKey({ dpop }: Grant, resource: string): Promise<void> {
    if (dpop) await this.prover(dpop, resource);
  }

  get #pair(): CryptoKeyPair | undefined {
    return typeof this.#option === 'object' ? this.#option : undefined;
  }

  #choice({ canProve, ...login }: DpopLogin): DpopChoice | undefined {
    const pair = this.#pair;
    const able = pair ? [algorithmOfPair(pair)] : GENERATED_ALGORITHMS;
    const ours = canProve ? able : 'not_through_here';
    return chooseDpop({ ...login, ours: this.#option === 'never' ? 'disabled' : ours });
  }

  async #key({ jkt, alg, key }: DpopBinding): Promise<DpopKey | undefined> {
    if (!key) {
      const own = this.#pair && (await this.#ownKey(this.#pair));
      return own?.thumbprint === jkt ? own : undefined;
    }
    const known = this.#keys.get(jkt);
    if (known) return known;
    const imported = await keyOfJwk(key, alg);
    if (imported.thumbprint !== jkt) throw damagedKey('is another one');
    this.#keys.set(jkt, imported);
    const [oldest] = this.#keys.keys();
    if (this.#keys.size > MAX_KEYS && oldest !== undefined) this.#keys.delete(oldest);
    return imported;
  }

  #ownKey(pair: CryptoKeyPair): Promise<DpopKey> {
    this.#own ??= keyOfPair(pair);
    return this.#own;
  }
}
