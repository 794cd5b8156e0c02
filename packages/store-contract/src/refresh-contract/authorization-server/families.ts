import { randomBytes } from 'node:crypto';
import type { ServerBehaviour } from './behaviour.js';

/** Everything that came of one login, as the server saw it. */
export interface Family {
  readonly person: string;
  /** How many token sets were given out. */
  generation: number;
  /** How often the refresh token of each generation was presented. */
  readonly presented: Map<number, number>;
  /** How many of them were answered with tokens, or would have been but for a lost answer. */
  refreshes: number;
  /** How often the protected resource took one of its access tokens. */
  calls: number;
  inFlight: number;
  maxInFlight: number;
  /** Refreshes that were done and whose answer was not sent. */
  lostAnswers: number;
  revoked: 'reuse' | 'revocation' | undefined;
}

/** The resource is not punctual: on a busy machine a token may be on its way for longer than it was to live. */
const LEEWAY_MS = 30_000;

interface IssuedToken {
  readonly kind: 'access' | 'refresh';
  readonly family: Family;
  readonly generation: number;
  /** On the monotonic clock. */
  readonly expiresAt: number;
  spent: boolean;
  readonly parent: IssuedToken | undefined;
}

/** A successful token response (RFC 6749 section 5.1). */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly refresh_token: string;
}

/** Families of rotating tokens. */
export class Families {
  readonly all: Family[] = [];
  readonly #tokens = new Map<string, IssuedToken>();
  readonly #behaviour: ServerBehaviour;

  constructor(behaviour: ServerBehaviour) {
    this.#behaviour = behaviour;
  }

  open(person: string): TokenResponse {
    const family: Family = {
      person,
      generation: 0,
      presented: new Map(),
      refreshes: 0,
      calls: 0,
      inFlight: 0,
      maxInFlight: 0,
      lostAnswers: 0,
      revoked: undefined,
    };
    this.all.push(family);
    return this.#issue(family, undefined);
  }

  /** The family of a refresh token, good or not. */
  familyOf(refreshToken: string): Family | undefined {
    const token = this.#tokens.get(refreshToken);
    return token?.kind === 'refresh' ? token.family : undefined;
  }

  /** The next token set, or `undefined`: `invalid_grant`. */
  refresh(refreshToken: string): TokenResponse | undefined {
    const token = this.#tokens.get(refreshToken);
    if (token?.kind !== 'refresh') return undefined;
    const { family, generation } = token;
    family.presented.set(generation, (family.presented.get(generation) ?? 0) + 1);
    if (token.spent) family.revoked ??= 'reuse';
    if (family.revoked) return undefined;
    if (this.#behaviour.reuse === 'revokes') token.spent = true;
    else if (token.parent) token.parent.spent = true;
    family.refreshes += 1;
    return this.#issue(family, token);
  }

  /** RFC 7009: a refresh token takes its family along. */
  revoke(token: string): void {
    const family = this.familyOf(token);
    if (family) family.revoked ??= 'revocation';
  }

  /** The family of an access token that is good now. */
  accepts(accessToken: string): Family | undefined {
    const token = this.#tokens.get(accessToken);
    const good = token?.kind === 'access' && !token.family.revoked && token.expiresAt > performance.now();
    return good ? token.family : undefined;
  }

  #issue(family: Family, parent: IssuedToken | undefined): TokenResponse {
    family.generation += 1;
    const { generation } = family;
    const expires_in = this.#behaviour.lifetimeSeconds(generation);
    const add = (kind: IssuedToken['kind'], seconds: number): string => {
      const value = randomBytes(24).toString('base64url');
      const expiresAt = performance.now() + seconds * 1_000 + LEEWAY_MS;
      this.#tokens.set(value, { kind, family, generation, expiresAt, spent: false, parent });
      return value;
    };
    return {
      access_token: add('access', expires_in),
      token_type: 'Bearer',
      expires_in,
      refresh_token: add('refresh', Infinity),
    };
  }
}
