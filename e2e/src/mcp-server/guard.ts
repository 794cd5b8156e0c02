import type { IncomingMessage } from 'node:http';
import { ProofChecks } from '../dpop/proof-checks.js';
import type { McpBehaviour } from './behaviour.js';
import type { ResourceMetadata } from './resource-metadata.js';
import type { TokenIssuer, VerifiedToken } from './verified-token.js';

/** Credentials that somebody typed into a configuration, instead of OAuth. */
export type StaticCredentials =
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'api_key'; readonly header: string; readonly key: string };

/** Who is let in: with tokens of `issuers`, with `credentials`, or, where there are neither, everybody. */
export interface GuardOptions {
  readonly issuers: readonly TokenIssuer[];
  readonly credentials: StaticCredentials | undefined;
}

/** `error` is for the challenge, where something was presented. */
export type Admission =
  | { readonly who: VerifiedToken; readonly error?: never }
  | { readonly who?: never; readonly error: string | undefined };

const proofAlgorithms = 'ES256 PS256';

export class Guard {
  readonly #options: GuardOptions;
  readonly #metadata: ResourceMetadata;
  readonly #audiences: readonly string[];
  readonly #behaviour: McpBehaviour;
  readonly #proofs = new ProofChecks();
  #tokensRevokedAt = 0;

  constructor(
    options: GuardOptions,
    metadata: ResourceMetadata,
    audiences: readonly string[],
    behaviour: McpBehaviour,
  ) {
    this.#options = options;
    this.#metadata = metadata;
    this.#audiences = audiences;
    this.#behaviour = behaviour;
  }

  revokeTokensIssuedUntil(ms: number): void {
    this.#tokensRevokedAt = ms;
  }

  /**
   * Who sent this, or why they get a 401.
   *
   * @param url Of the request, without its query.
   */
  async admit(request: IncomingMessage, url: string): Promise<Admission> {
    const { issuers, credentials } = this.#options;
    const isPresented = request.headers.authorization !== undefined;
    const refused: Admission = { error: isPresented ? 'invalid_token' : undefined };
    if (credentials) return matches(credentials, request) ? { who: person('static') } : refused;
    if (issuers.length === 0) return { who: person('anonymous') };
    const presented = presentedToken(request);
    if (presented === undefined) return refused;
    for (const issuer of issuers.filter((one) => this.#behaviour.trusts(one.issuer))) {
      const who = await issuer.verify(presented.token);
      if (!who) continue;
      if (!this.#isForUs(who)) return refused;
      const error = await this.#bindingProblem(who, presented, request, url);
      return error === undefined ? { who } : { error };
    }
    return refused;
  }

  /** A nonce for the client's next proof, where one is needed. */
  newNonce(): string | undefined {
    const { dpop, dpopNonces } = this.#behaviour;
    return dpop !== 'none' && dpopNonces ? this.#proofs.newNonce() : undefined;
  }

  /** RFC 9449 section 7: a bound token is never taken as a bearer token, nor the other way round. */
  async #bindingProblem(
    who: VerifiedToken,
    { scheme, token }: PresentedToken,
    request: IncomingMessage,
    url: string,
  ): Promise<string | undefined> {
    const { dpop, dpopNonces: nonceRequired } = this.#behaviour;
    if (scheme === 'bearer') {
      return who.jkt !== undefined || dpop === 'required' ? 'invalid_token' : undefined;
    }
    if (dpop === 'none' || who.jkt === undefined) return 'invalid_token';
    const header = request.headers['dpop'];
    const method = request.method ?? '';
    const { jkt, error } = await this.#proofs.check({
      header,
      method,
      url,
      accessToken: token,
      nonceRequired,
    });
    if (error !== undefined) return error;
    return jkt === who.jkt ? undefined : 'invalid_token';
  }

  /** The scope that these operations need and the token doesn't have. Only OAuth knows scopes. */
  missingScope(who: VerifiedToken, operations: readonly string[]): string | undefined {
    if (this.#options.issuers.length === 0) return undefined;
    return operations
      .map((operation) => this.#behaviour.missingScope(operation, who.scopes))
      .find((scope) => scope !== undefined);
  }

  unauthorized(error: string | undefined, endpointPath: string): string | undefined {
    const { issuers, credentials } = this.#options;
    if (credentials?.kind === 'basic') return this.#finish(401, undefined, 'Basic realm="mcp"');
    if (credentials?.kind === 'api_key') return this.#finish(401, undefined, undefined);
    return this.#finish(
      401,
      undefined,
      this.#challenges({
        error,
        resource_metadata: issuers.length > 0 ? this.#metadata.urlFor(endpointPath) : undefined,
        scope: issuers.length > 0 ? this.#behaviour.challengeScope : undefined,
      }),
    );
  }

  forbidden(scope: string, endpointPath: string): string | undefined {
    return this.#finish(
      403,
      scope,
      this.#challenges({
        error: 'insufficient_scope',
        resource_metadata: this.#metadata.urlFor(endpointPath),
        scope,
      }),
    );
  }

  /** RFC 9449 section 7.2: one for each kind of token that is taken. */
  #challenges(parameters: Readonly<Record<string, string | undefined>>): string {
    const { dpop } = this.#behaviour;
    const bearer = dpop === 'required' ? [] : [challenge('Bearer', parameters)];
    if (dpop === 'none') return bearer.join('');
    return [...bearer, challenge('DPoP', { ...parameters, algs: proofAlgorithms })].join(', ');
  }

  #finish(
    status: 401 | 403,
    neededScope: string | undefined,
    header: string | undefined,
  ): string | undefined {
    return header === undefined ? undefined : this.#behaviour.challenge({ status, neededScope, header });
  }

  /** A token without an audience is let in, as servers do which came before RFC 8707. */
  #isForUs({ audience, issuedAt }: VerifiedToken): boolean {
    const ours = [...this.#audiences, this.#behaviour.metadata['resource']];
    return (
      issuedAt > this.#tokensRevokedAt &&
      (audience.length === 0 || audience.some((name) => ours.includes(name)))
    );
  }
}

export interface PresentedToken {
  readonly scheme: 'bearer' | 'dpop';
  readonly token: string;
}

export function presentedToken(request: IncomingMessage): PresentedToken | undefined {
  const [, scheme, token] = /^(bearer|dpop) +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (scheme === undefined || token === undefined) return undefined;
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'dpop' : 'bearer', token };
}

function challenge(scheme: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const listed = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${value}"`],
  );
  return [scheme, listed.join(', ')].join(' ').trim();
}

function matches(credentials: StaticCredentials, request: IncomingMessage): boolean {
  switch (credentials.kind) {
    case 'bearer': {
      const presented = presentedToken(request);
      return presented?.scheme === 'bearer' && presented.token === credentials.token;
    }
    case 'basic': {
      const pair = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
      return request.headers.authorization === `Basic ${pair}`;
    }
    case 'api_key':
      return request.headers[credentials.header.toLowerCase()] === credentials.key;
  }
}

function person(subject: string): VerifiedToken {
  return { subject, clientId: '', scopes: [], audience: [], issuedAt: 0 };
}
