import { createHash } from 'node:crypto';
import type { ProofChecks } from '../dpop/proof-checks.js';
import { nowMs } from '../http/clock.js';
import { jsonReply, type ReceivedRequest, type Reply } from '../http/message.js';
import type { AuthorizationEndpoint } from './authorize.js';
import type { StrictBehaviour, TokenResponseContext } from './behaviour.js';
import type { ClientRegistry, RegisteredClient } from './clients.js';
import { deviceCodeGrant, type DeviceCodes } from './device-codes.js';
import { isLive, type Family, type Grants, type IssuedToken, type TokenPair } from './grants.js';
import { jwtBearer, tokenExchange, type MachineGrants } from './machine-grants.js';
import { OAuthRefusal } from './refusal.js';
import type { RequestNote } from './request-log.js';

const namedGrantTypes = ['client_credentials', jwtBearer, tokenExchange, deviceCodeGrant];

export interface TokenEndpointParts {
  readonly grants: Grants;
  readonly clients: ClientRegistry;
  readonly authorization: AuthorizationEndpoint;
  readonly machineGrants: MachineGrants;
  readonly proofs: ProofChecks;
  readonly devices: DeviceCodes;
  readonly behaviour: StrictBehaviour;
}

/** The token endpoint (RFC 6749 sections 4.1.3 and 6) and what goes with it: revocation and introspection. */
export class TokenEndpoint {
  readonly #parts: TokenEndpointParts;

  constructor(parts: TokenEndpointParts) {
    this.#parts = parts;
  }

  /** Notes what a token request presents, before anything is decided about it. */
  familyOf(request: ReceivedRequest, note: RequestNote): Family | undefined {
    const form = new URLSearchParams(request.body);
    const grantType = form.get('grant_type');
    const resource = form.get('resource');
    const scope = form.get('scope');
    if (grantType !== null) note.grantType = grantType;
    if (resource !== null) note.resource = resource;
    if (scope !== null) note.scope = scope;
    const refreshToken = form.get('refresh_token');
    if (grantType !== 'refresh_token' || refreshToken === null) return undefined;
    const presented = this.#parts.grants.find(refreshToken);
    note.presented = presented?.id ?? 'unknown';
    return presented?.family;
  }

  async answer(request: ReceivedRequest, note: RequestNote): Promise<Reply> {
    const form = new URLSearchParams(request.body);
    if (new Set(form.keys()).size !== [...form.keys()].length) throw new OAuthRefusal('invalid_request');
    const client = await this.#parts.clients.authenticate(request, form, note);
    await this.#prove(request, note);
    const reply = await this.#granted(form, client, note);
    return { ...reply, headers: { ...reply.headers, ...this.#nonce() } };
  }

  /** RFC 9449 sections 5 and 8. */
  async #prove(request: ReceivedRequest, note: RequestNote): Promise<void> {
    const { behaviour, proofs } = this.#parts;
    const header = request.headers['dpop'];
    if (behaviour.dpop === 'none' || header === undefined) return;
    const url = request.url.origin + request.url.pathname;
    const nonceRequired = behaviour.dpopNonces;
    const { jkt, error } = await proofs.check({ header, method: 'POST', url, nonceRequired });
    if (error !== undefined) throw new OAuthRefusal(error, 400, this.#nonce());
    note.jkt = jkt;
  }

  #nonce(): Record<string, string> {
    const { behaviour, proofs } = this.#parts;
    return behaviour.dpopNonces ? { 'dpop-nonce': proofs.newNonce() } : {};
  }

  async #granted(form: URLSearchParams, client: RegisteredClient, note: RequestNote): Promise<Reply> {
    const grantType = form.get('grant_type');
    if (grantType === 'authorization_code') return this.#exchange(form, client, note);
    if (grantType === 'refresh_token') return this.#refresh(form, client, note);
    return await this.#other(grantType, form, client, note);
  }

  async #other(
    grantType: string | null,
    form: URLSearchParams,
    client: RegisteredClient,
    note: RequestNote,
  ): Promise<Reply> {
    const { machineGrants, devices } = this.#parts;
    if (grantType !== null && namedGrantTypes.includes(grantType) && !client.grantTypes.includes(grantType)) {
      throw new OAuthRefusal('unauthorized_client');
    }
    switch (grantType) {
      case 'client_credentials':
        return this.#given(grantType, client, machineGrants.clientCredentials(form, client), note);
      case jwtBearer:
        return this.#given(grantType, client, await machineGrants.jwtBearer(form, client), note);
      case deviceCodeGrant:
        return this.#given(grantType, client, devices.redeem(form, client, note), note);
      case tokenExchange:
        return await machineGrants.exchange(form, client);
      default:
        throw new OAuthRefusal('unsupported_grant_type');
    }
  }

  #given(
    grantType: string,
    client: RegisteredClient,
    about: Pick<Family, 'subject' | 'scope' | 'resource'>,
    note: RequestNote,
  ): Reply {
    const { pair } = this.issue(client, { ...about, jkt: note.jkt });
    note.issued = pair.ids;
    return this.tokenResponse(pair, grantType);
  }

  /** Opens a grant and gives out its first tokens. */
  issue(
    client: RegisteredClient,
    about: Pick<Family, 'subject' | 'scope' | 'resource' | 'jkt'>,
  ): {
    family: Family;
    pair: TokenPair;
  } {
    const { grants } = this.#parts;
    const { subject, scope, resource, jkt } = about;
    const family = grants.open({ clientId: client.clientId, subject, scope, resource, jkt });
    const withRefreshToken = client.grantTypes.includes('refresh_token');
    return {
      family,
      pair: grants.issue(family, { ...this.#ttls(), withRefreshToken, scope: about.scope }),
    };
  }

  /** RFC 7009: a refresh token takes its family along, an access token only itself. */
  async revoke(request: ReceivedRequest, note: RequestNote): Promise<Reply> {
    const form = new URLSearchParams(request.body);
    const client = await this.#parts.clients.authenticate(request, form, note);
    const token = this.#parts.grants.find(form.get('token') ?? '');
    note.presented = token?.id ?? 'unknown';
    if (token?.family.clientId === client.clientId) {
      if (token.kind === 'refresh') this.#parts.grants.revoke(token.family, 'revocation');
      else token.expiresAt = nowMs();
    }
    return jsonReply(200, {});
  }

  /** RFC 7662, with the time of issue in milliseconds beside `iat`. */
  introspect(request: ReceivedRequest, note: RequestNote, issuer: string): Reply {
    const token = this.#parts.grants.find(new URLSearchParams(request.body).get('token') ?? '');
    note.presented = token?.id ?? 'unknown';
    if (token?.kind !== 'access' || !isLive(token)) return jsonReply(200, { active: false });
    return jsonReply(200, {
      active: true,
      token_type: token.family.jkt === undefined ? 'Bearer' : 'DPoP',
      ...(token.family.jkt === undefined ? {} : { cnf: { jkt: token.family.jkt } }),
      iss: issuer,
      sub: token.family.subject,
      client_id: token.family.clientId,
      scope: token.scope,
      ...(token.family.resource === undefined ? {} : { aud: token.family.resource }),
      iat: Math.floor(token.issuedAt / 1000),
      exp: Math.ceil(token.expiresAt / 1000),
      issued_at_ms: token.issuedAt,
    });
  }

  tokenResponse(pair: TokenPair, grantType: TokenResponseContext['grantType']): Reply {
    return jsonReply(200, this.responseBody(pair, grantType));
  }

  responseBody(
    pair: TokenPair,
    grantType: TokenResponseContext['grantType'],
  ): Readonly<Record<string, unknown>> {
    const { behaviour } = this.#parts;
    return behaviour.tokenResponse(
      {
        access_token: pair.access,
        token_type: pair.jkt === undefined ? 'Bearer' : 'DPoP',
        expires_in: Math.max(1, Math.floor(behaviour.accessTokenTtl)),
        ...(pair.refresh === undefined ? {} : { refresh_token: pair.refresh }),
        scope: pair.scope,
      },
      { grantType, generation: pair.generation },
    );
  }

  #exchange(form: URLSearchParams, client: RegisteredClient, note: RequestNote): Reply {
    const { authorization, grants } = this.#parts;
    const code = authorization.find(form.get('code') ?? '');
    note.presented = code?.id ?? 'unknown';
    if (code === undefined) throw new OAuthRefusal('invalid_grant');
    if (code.family) {
      grants.revoke(code.family, 'reuse');
      throw new OAuthRefusal('invalid_grant');
    }
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const fits =
      code.clientId === client.clientId &&
      code.redirectUri === form.get('redirect_uri') &&
      code.codeChallenge === challenge &&
      code.expiresAt > nowMs() &&
      (code.dpopJkt === undefined || code.dpopJkt === note.jkt);
    if (!fits) throw new OAuthRefusal('invalid_grant');
    refuseOtherResource(form, code.resource);
    const { family, pair } = this.issue(client, { ...code, jkt: note.jkt });
    code.family = family;
    note.issued = pair.ids;
    return this.tokenResponse(pair, 'authorization_code');
  }

  #refresh(form: URLSearchParams, client: RegisteredClient, note: RequestNote): Reply {
    const { grants, behaviour } = this.#parts;
    const known = grants.find(form.get('refresh_token') ?? '');
    const scope = known === undefined ? '' : narrowedScope(form, known);
    if (known) refuseOtherResource(form, known.family.resource);
    if (known?.family.jkt !== undefined && known.family.jkt !== note.jkt) {
      throw new OAuthRefusal('invalid_grant');
    }
    const parent = grants.consume(known, client.clientId, behaviour.rotation);
    const pair = grants.issue(parent.family, {
      ...this.#ttls(),
      withRefreshToken: behaviour.rotation !== 'none',
      scope,
      parent,
    });
    note.issued = pair.ids;
    return this.tokenResponse(pair, 'refresh_token');
  }

  #ttls(): { accessTokenTtl: number; refreshTokenTtl: number } {
    const { accessTokenTtl, refreshTokenTtl } = this.#parts.behaviour;
    return { accessTokenTtl, refreshTokenTtl };
  }
}

/** A refresh may ask for less than was granted, never for more (RFC 6749 section 6). */
function narrowedScope(form: URLSearchParams, token: IssuedToken): string {
  const asked = form.get('scope') ?? token.family.scope;
  const granted = token.family.scope.split(' ');
  if (!asked.split(' ').every((name) => granted.includes(name))) throw new OAuthRefusal('invalid_scope');
  return asked;
}

/** RFC 8707 section 2.2. */
function refuseOtherResource(form: URLSearchParams, granted: string | undefined): void {
  const asked = form.get('resource');
  if (asked !== null && granted !== undefined && asked !== granted) throw new OAuthRefusal('invalid_target');
}
