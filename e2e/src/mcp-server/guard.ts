import type { IncomingMessage } from 'node:http';
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

export class Guard {
  readonly #options: GuardOptions;
  readonly #metadata: ResourceMetadata;
  readonly #audiences: readonly string[];
  readonly #behaviour: McpBehaviour;
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

  /** Who sent this, or `null` for a 401. */
  async admit(request: IncomingMessage): Promise<VerifiedToken | null> {
    const { issuers, credentials } = this.#options;
    if (credentials) return matches(credentials, request) ? person('static') : null;
    if (issuers.length === 0) return person('anonymous');
    const token = bearerToken(request);
    if (token === undefined) return null;
    for (const issuer of issuers.filter((one) => this.#behaviour.trusts(one.issuer))) {
      const verified = await issuer.verify(token);
      if (verified) return this.#isForUs(verified) ? verified : null;
    }
    return null;
  }

  /** The scope that these operations need and the token doesn't have. Only OAuth knows scopes. */
  missingScope(who: VerifiedToken, operations: readonly string[]): string | undefined {
    if (this.#options.issuers.length === 0) return undefined;
    return operations
      .map((operation) => this.#behaviour.missingScope(operation, who.scopes))
      .find((scope) => scope !== undefined);
  }

  unauthorized(request: IncomingMessage, endpointPath: string): string | undefined {
    const { issuers, credentials } = this.#options;
    if (credentials?.kind === 'basic') return this.#finish(401, undefined, 'Basic realm="mcp"');
    if (credentials?.kind === 'api_key') return this.#finish(401, undefined, undefined);
    const presented = request.headers.authorization !== undefined;
    return this.#finish(
      401,
      undefined,
      bearerChallenge({
        error: presented ? 'invalid_token' : undefined,
        resource_metadata: issuers.length > 0 ? this.#metadata.urlFor(endpointPath) : undefined,
        scope: issuers.length > 0 ? this.#behaviour.challengeScope : undefined,
      }),
    );
  }

  forbidden(scope: string, endpointPath: string): string | undefined {
    return this.#finish(
      403,
      scope,
      bearerChallenge({
        error: 'insufficient_scope',
        resource_metadata: this.#metadata.urlFor(endpointPath),
        scope,
      }),
    );
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

export function bearerToken(request: IncomingMessage): string | undefined {
  return /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

function bearerChallenge(parameters: Readonly<Record<string, string | undefined>>): string {
  const listed = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${value}"`],
  );
  return ['Bearer', listed.join(', ')].join(' ').trim();
}

function matches(credentials: StaticCredentials, request: IncomingMessage): boolean {
  switch (credentials.kind) {
    case 'bearer':
      return bearerToken(request) === credentials.token;
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
