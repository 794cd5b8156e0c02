import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import type { OAuthClientOptions } from '@mcp-oauth/core';
import { ScriptedFetch } from '../scripted-fetch.js';
import type { Answer, SentRequest } from '../scripted-fetch.js';

export const RESOURCE = 'https://mcp.example/mcp';
export const ISSUER = 'https://as.example';

/** An MCP server and its authorization server, for clients that need no person. Any of it may change between calls. */
export class MachineServer {
  readonly store = new MemoryTokenStore();
  issuer = ISSUER;
  /** Whether both offer tokens that are bound to a key, and the MCP server takes no other. */
  dpop = false;
  /** Whether the MCP server answers, whatever token comes. */
  isOpen = false;
  /** Whether the authorization server takes client metadata documents. */
  takesDocuments = false;
  /** The signatures that prove a client, where the authorization server says. */
  algorithms: readonly string[] | undefined;
  metadataAt = 'https://mcp.example/metadata';
  /** What the token endpoints answer, the last one again and again. */
  readonly tokens: (() => Response | Promise<Response>)[] = [];
  readonly scripted: ScriptedFetch;

  constructor(issuers: readonly string[] = [ISSUER]) {
    const metadata = (): Response =>
      Response.json({
        resource: RESOURCE,
        authorization_servers: [this.issuer],
        ...(this.dpop ? { dpop_bound_access_tokens_required: true } : {}),
      });
    const answers: Record<string, Answer> = {
      [RESOURCE]: () =>
        new Response('', {
          status: this.isOpen ? 200 : 401,
          headers: { 'www-authenticate': `Bearer resource_metadata="${this.metadataAt}"` },
        }),
      'https://mcp.example/metadata': metadata,
      'https://mcp.example/.well-known/oauth-protected-resource/mcp': metadata,
    };
    for (const issuer of issuers) {
      const base = issuer.replace(/\/$/, '');
      answers[`${base}/.well-known/oauth-authorization-server`] = () =>
        Response.json({
          issuer,
          authorization_endpoint: `${base}/authorize`,
          token_endpoint: `${base}/token`,
          token_endpoint_auth_signing_alg_values_supported: this.algorithms,
          ...(this.dpop ? { dpop_signing_alg_values_supported: ['ES256'] } : {}),
          code_challenge_methods_supported: ['S256'],
          client_id_metadata_document_supported: this.takesDocuments,
        });
      answers[`${base}/token`] = () => this.#answer();
    }
    this.scripted = new ScriptedFetch(answers);
  }

  oauth(options: Partial<OAuthClientOptions<'many'>> = {}) {
    return createOAuthClient({
      store: this.store,
      client: { client_name: 'Test host' },
      owners: 'many',
      fetch: this.scripted.fetch,
      ...options,
    });
  }

  get tokenRequests(): readonly (SentRequest & { readonly form: URLSearchParams })[] {
    return this.scripted.sent
      .filter(({ url }) => url.endsWith('/token'))
      .map((sent) => ({ ...sent, form: new URLSearchParams(sent.body) }));
  }

  #answer(): Response | Promise<Response> {
    const next = this.tokens.length > 1 ? this.tokens.shift() : this.tokens[0];
    return next ? next() : granted();
  }
}

export function granted(more: Readonly<Record<string, unknown>> = {}): Response {
  return Response.json({
    access_token: crypto.randomUUID(),
    token_type: 'Bearer',
    expires_in: 3600,
    ...more,
  });
}

export async function es256Key(): Promise<CryptoKey> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
    'sign',
    'verify',
  ]);
  return pair.privateKey;
}
