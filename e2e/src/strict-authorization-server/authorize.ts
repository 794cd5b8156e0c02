import { canary } from '../canary.js';
import { nowMs } from '../http/clock.js';
import { redirectReply, textReply, type ReceivedRequest, type Reply } from '../http/message.js';
import type { StrictBehaviour } from './behaviour.js';
import type { ClientRegistry } from './clients.js';
import { decided } from './decision.js';
import type { Family } from './grants.js';
import type { PushedRequests } from './pushed-requests.js';
import type { RequestNote } from './request-log.js';

/** What an authorization code stands for until it is exchanged. */
export interface IssuedCode {
  readonly id: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly codeChallenge: string;
  readonly subject: string;
  readonly scope: string;
  readonly resource: string | undefined;
  /** The key that the code itself is bound to (RFC 9449 section 10). */
  readonly dpopJkt: string | undefined;
  readonly expiresAt: number;
  /** Set when the code was exchanged; a second exchange revokes it (RFC 6749 section 4.1.2). */
  family: Family | undefined;
}

const codeTtlMs = 60_000;

/** The authorization endpoint (RFC 6749 section 4.1.1, PKCE with S256 required). Decides without showing a page. */
export class AuthorizationEndpoint {
  readonly #codes = new Map<string, IssuedCode>();
  readonly #clients: ClientRegistry;
  readonly #issuer: string;
  readonly #behaviour: StrictBehaviour;
  readonly #pushed: PushedRequests;

  constructor(issuer: string, clients: ClientRegistry, behaviour: StrictBehaviour, pushed: PushedRequests) {
    this.#issuer = issuer;
    this.#clients = clients;
    this.#behaviour = behaviour;
    this.#pushed = pushed;
  }

  find(code: string): IssuedCode | undefined {
    return this.#codes.get(code);
  }

  secrets(): readonly string[] {
    return [...this.#codes.keys()];
  }

  async answer(request: ReceivedRequest, note: RequestNote): Promise<Reply> {
    const query = request.method === 'POST' ? new URLSearchParams(request.body) : request.url.searchParams;
    const parameters = this.#pushed.resolve(query);
    if (!parameters) {
      note.outcome = 'invalid_request_uri';
      return textReply(400, 'Push the request, and come with its request_uri at once.');
    }
    const clientId = parameters.get('client_id') ?? '';
    const redirectUri = parameters.get('redirect_uri') ?? '';
    note.clientId = clientId;
    // Until both are known to belong together, nothing may be sent to the redirect URI.
    if (this.#clients.find(clientId)?.redirectUris.includes(redirectUri) !== true) {
      note.outcome = 'invalid_client_or_redirect_uri';
      return textReply(400, 'This client and redirect URI are not registered together.');
    }
    const problem = problemOf(parameters);
    const scope = parameters.get('scope') ?? this.#behaviour.defaultScope;
    const resource = parameters.get('resource') ?? undefined;
    note.scope = scope;
    if (resource !== undefined) note.resource = resource;
    const decision = problem
      ? { error: problem }
      : await decided(this.#behaviour, request, { clientId, scope, resource, parameters });
    if ('error' in decision) {
      note.outcome = decision.error;
      return this.#redirect(redirectUri, parameters, {
        error: decision.error,
        ...(decision.description === undefined ? {} : { error_description: decision.description }),
      });
    }
    const code = canary('code');
    const issued: IssuedCode = {
      id: `code-${String(this.#codes.size + 1)}`,
      clientId,
      redirectUri,
      codeChallenge: parameters.get('code_challenge') ?? '',
      subject: decision.user,
      scope: decision.scope ?? scope,
      resource,
      dpopJkt: parameters.get('dpop_jkt') ?? undefined,
      expiresAt: nowMs() + codeTtlMs,
      family: undefined,
    };
    this.#codes.set(code, issued);
    note.outcome = 'ok';
    note.issued = [issued.id];
    return this.#redirect(redirectUri, parameters, { code });
  }

  #redirect(redirectUri: string, asked: URLSearchParams, members: Record<string, string>): Reply {
    const target = new URL(redirectUri);
    for (const [name, value] of Object.entries(members)) target.searchParams.set(name, value);
    const state = asked.get('state');
    if (state !== null) target.searchParams.set('state', state);
    const iss = this.#behaviour.callbackIss;
    if (iss !== 'omitted') target.searchParams.set('iss', iss === 'issuer' ? this.#issuer : iss.value);
    return redirectReply(target.href);
  }
}

function problemOf(parameters: URLSearchParams): string | undefined {
  const names = [...parameters.keys()].filter((name) => name !== 'resource');
  if (new Set(names).size !== names.length) return 'invalid_request';
  if (parameters.get('response_type') !== 'code') return 'unsupported_response_type';
  if (parameters.get('code_challenge_method') !== 'S256') return 'invalid_request';
  if (!/^[A-Za-z0-9_-]{43}$/.test(parameters.get('code_challenge') ?? '')) return 'invalid_request';
  return parameters.getAll('resource').length > 1 ? 'invalid_target' : undefined;
}
