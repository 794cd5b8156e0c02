import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { AuthorizationCodes } from './authorization-codes.js';
import type { ServerBehaviour } from './behaviour.js';
import type { Families, Family, TokenResponse } from './families.js';
import { RefreshGate } from './refresh-gate.js';

/** `lost`: everything was done, and nobody is told. */
export type TokenAnswer = { readonly status: 200 | 400; readonly body: unknown } | 'lost';

const invalidGrant: TokenAnswer = { status: 400, body: { error: 'invalid_grant' } };

/** The token endpoint (RFC 6749 sections 4.1.3 and 6). */
export class TokenEndpoint {
  readonly gate = new RefreshGate();
  /** How many refresh requests have come, good or not. */
  refreshRequests = 0;
  /** Whether the answer to this refresh of this person is lost after all of it was done. Counted from 1. */
  losesAnswer: (person: string, refresh: number) => boolean = () => false;
  readonly #families: Families;
  readonly #codes: AuthorizationCodes;
  readonly #behaviour: ServerBehaviour;

  constructor(families: Families, codes: AuthorizationCodes, behaviour: ServerBehaviour) {
    this.#families = families;
    this.#codes = codes;
    this.#behaviour = behaviour;
  }

  async answer(form: URLSearchParams, socket: Socket): Promise<TokenAnswer> {
    if (form.get('grant_type') === 'authorization_code') {
      const person = this.#codes.redeem(form);
      return person === undefined ? invalidGrant : success(this.#families.open(person));
    }
    this.refreshRequests += 1;
    const refreshToken = form.get('refresh_token') ?? '';
    const family = this.#families.familyOf(refreshToken);
    if (!family) return invalidGrant;
    family.inFlight += 1;
    family.maxInFlight = Math.max(family.maxInFlight, family.inFlight);
    try {
      return await this.#refresh(refreshToken, family, socket);
    } finally {
      family.inFlight -= 1;
    }
  }

  async #refresh(refreshToken: string, family: Family, socket: Socket): Promise<TokenAnswer> {
    await this.gate.pass('before', socket);
    await delay(this.#behaviour.latencyMs);
    // Whoever asked is gone before anything was done, so that nothing is.
    if (socket.destroyed) return 'lost';
    const tokens = this.#families.refresh(refreshToken);
    if (!tokens) return invalidGrant;
    await this.gate.pass('after', socket);
    if (!this.losesAnswer(family.person, family.refreshes)) return success(tokens);
    family.lostAnswers += 1;
    return 'lost';
  }
}

function success(body: TokenResponse): TokenAnswer {
  return { status: 200, body };
}
