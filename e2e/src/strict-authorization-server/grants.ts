import { canary } from '../canary.js';
import { nowMs } from '../http/clock.js';
import type { RotationMode } from './behaviour.js';
import { OAuthRefusal } from './refusal.js';

/** One refresh request that named a token of a family. */
export interface RefreshRecord {
  readonly at: number;
  /** The generation whose refresh token was presented. */
  readonly generation: number;
  readonly outcome: 'rotated' | 'refused';
}

/** Everything that comes of one login. */
export interface Family {
  readonly id: string;
  readonly clientId: string;
  readonly subject: string;
  readonly scope: string;
  readonly resource: string | undefined;
  /** The thumbprint of the key that its tokens are bound to. */
  readonly jkt?: string | undefined;
  generation: number;
  /** Why the family is dead, or `undefined` while it lives. */
  revoked: 'reuse' | 'revocation' | undefined;
  readonly refreshes: RefreshRecord[];
  inFlight: number;
  maxInFlight: number;
}

export interface IssuedToken {
  /** Names the token in logs: `family-1/refresh-2`. */
  readonly id: string;
  readonly kind: 'access' | 'refresh';
  readonly family: Family;
  readonly generation: number;
  readonly scope: string;
  readonly issuedAt: number;
  expiresAt: number;
  consumed: boolean;
  /** The refresh token that this one was given for. */
  readonly parent: IssuedToken | undefined;
}

export interface TokenPair {
  readonly access: string;
  readonly refresh: string | undefined;
  readonly scope: string;
  readonly jkt: string | undefined;
  readonly generation: number;
  readonly ids: readonly string[];
}

export interface IssueOptions {
  readonly accessTokenTtl: number;
  readonly refreshTokenTtl: number;
  readonly withRefreshToken: boolean;
  readonly scope: string;
  readonly parent?: IssuedToken;
}

/** Families of tokens: what is live, what was used, and what a second use does. */
export class Grants {
  readonly #tokens = new Map<string, IssuedToken>();
  readonly #families: Family[] = [];

  open(about: Pick<Family, 'clientId' | 'subject' | 'scope' | 'resource' | 'jkt'>): Family {
    const family: Family = {
      ...about,
      id: `family-${String(this.#families.length + 1)}`,
      generation: 0,
      revoked: undefined,
      refreshes: [],
      inFlight: 0,
      maxInFlight: 0,
    };
    this.#families.push(family);
    return family;
  }

  families(): readonly Family[] {
    return this.#families;
  }

  find(token: string): IssuedToken | undefined {
    return this.#tokens.get(token);
  }

  issue(family: Family, options: IssueOptions): TokenPair {
    family.generation += 1;
    const access = this.#add(family, 'access', options.accessTokenTtl, options);
    const refresh = options.withRefreshToken
      ? this.#add(family, 'refresh', options.refreshTokenTtl, options)
      : undefined;
    return {
      access: access.value,
      refresh: refresh?.value,
      scope: options.scope,
      jkt: family.jkt,
      generation: family.generation,
      ids: refresh ? [access.id, refresh.id] : [access.id],
    };
  }

  /** Takes a refresh token in, or refuses it with what the mode says follows from that. */
  consume(presented: IssuedToken | undefined, clientId: string, mode: RotationMode): IssuedToken {
    if (presented?.kind !== 'refresh') throw new OAuthRefusal('invalid_grant');
    const refuse = (): never => {
      presented.family.refreshes.push({ ...stamp(presented), outcome: 'refused' });
      throw new OAuthRefusal('invalid_grant');
    };
    const { family } = presented;
    if (family.clientId !== clientId || !isLive(presented)) return refuse();
    if (presented.consumed) {
      if (mode !== 'reject_reuse') this.revoke(family, 'reuse');
      return refuse();
    }
    if (mode === 'lenient') {
      if (presented.parent) presented.parent.consumed = true;
    } else if (mode !== 'none') {
      presented.consumed = true;
    }
    family.refreshes.push({ ...stamp(presented), outcome: 'rotated' });
    return presented;
  }

  revoke(family: Family, why: 'reuse' | 'revocation'): void {
    family.revoked ??= why;
  }

  /** Ends the access tokens that are out. Refresh tokens stay good. */
  expireAccessTokens(): void {
    for (const token of this.#tokens.values()) {
      if (token.kind === 'access') token.expiresAt = Math.min(token.expiresAt, nowMs());
    }
  }

  /** Every secret that was ever given out. */
  secrets(): readonly string[] {
    return [...this.#tokens.keys()];
  }

  #add(
    family: Family,
    kind: 'access' | 'refresh',
    ttl: number,
    { scope, parent }: IssueOptions,
  ): { value: string; id: string } {
    const value = canary(kind);
    const issuedAt = nowMs();
    const token: IssuedToken = {
      id: `${family.id}/${kind}-${String(family.generation)}`,
      kind,
      family,
      generation: family.generation,
      scope,
      issuedAt,
      expiresAt: issuedAt + ttl * 1000,
      consumed: false,
      parent,
    };
    this.#tokens.set(value, token);
    return { value, id: token.id };
  }
}

export function isLive(token: IssuedToken): boolean {
  return token.family.revoked === undefined && token.expiresAt > nowMs();
}

function stamp(token: IssuedToken): { at: number; generation: number } {
  return { at: nowMs(), generation: token.generation };
}
