import { randomBytes } from 'node:crypto';
import type { JSONWebKeySet } from 'jose';
import { canary } from '../canary.js';
import type { ReceivedRequest } from '../http/message.js';
import { ClientAssertions } from './client-assertion.js';
import { OAuthRefusal } from './refusal.js';
import type { RequestNote } from './request-log.js';

const authenticationMethods = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
] as const;
type AuthenticationMethod = (typeof authenticationMethods)[number];

export interface RegisteredClient {
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly redirectUris: readonly string[];
  readonly grantTypes: readonly string[];
  readonly authenticationMethod: AuthenticationMethod;
  readonly jwks: JSONWebKeySet | undefined;
}

export interface ClientOptions {
  readonly clientId?: string;
  readonly redirectUris: readonly string[];
  /** Default: `none`, a public client. */
  readonly authenticationMethod?: AuthenticationMethod;
  /** Default: those of a client that people log in with. */
  readonly grantTypes?: readonly string[];
  /** The public half of the key that a client of `private_key_jwt` proves itself by. */
  readonly jwks?: JSONWebKeySet;
}

/** Who may use the server: registered dynamically (RFC 7591), or beforehand. */
export class ClientRegistry {
  readonly #clients = new Map<string, RegisteredClient>();
  readonly #assertions: ClientAssertions;

  constructor(issuer: string) {
    this.#assertions = new ClientAssertions(issuer);
  }

  add(options: ClientOptions): RegisteredClient {
    const method = options.authenticationMethod ?? 'none';
    const client: RegisteredClient = {
      clientId: options.clientId ?? `client-${randomBytes(6).toString('hex')}`,
      clientSecret: method.startsWith('client_secret_') ? canary('secret') : undefined,
      redirectUris: options.redirectUris,
      grantTypes: options.grantTypes ?? ['authorization_code', 'refresh_token'],
      authenticationMethod: method,
      jwks: options.jwks,
    };
    this.#clients.set(client.clientId, client);
    return client;
  }

  find(clientId: string): RegisteredClient | undefined {
    return this.#clients.get(clientId);
  }

  forget(clientId: string): void {
    this.#clients.delete(clientId);
  }

  secrets(): readonly string[] {
    return [...this.#clients.values()].flatMap(({ clientSecret }) => clientSecret ?? []);
  }

  register(metadata: Readonly<Record<string, unknown>>): RegisteredClient {
    const uris = strings(metadata['redirect_uris']);
    if (uris === undefined || uris.length === 0 || !uris.every(isAllowedRedirect)) {
      throw new OAuthRefusal('invalid_redirect_uri');
    }
    const method = metadata['token_endpoint_auth_method'] ?? 'client_secret_basic';
    const known = authenticationMethods.find((name) => name === method);
    const grantTypes = strings(metadata['grant_types'] ?? ['authorization_code']);
    if (known === undefined || grantTypes === undefined) throw new OAuthRefusal('invalid_client_metadata');
    return this.add({ redirectUris: uris, authenticationMethod: known, grantTypes });
  }

  /** The client that sent a token or revocation request (RFC 6749 section 2.3); it must use the method it registered. */
  async authenticate(
    request: ReceivedRequest,
    form: URLSearchParams,
    note: RequestNote,
  ): Promise<RegisteredClient> {
    const basic = basicCredentials(request.headers.authorization);
    const posted = form.get('client_secret');
    const ways = [basic, posted ?? undefined, form.get('client_assertion') ?? undefined];
    if (ways.filter((way) => way !== undefined).length > 1) throw new OAuthRefusal('invalid_request');
    const method = usedMethod(basic !== undefined, form);
    note.clientAuthentication = method;
    const clientId = basic?.id ?? form.get('client_id');
    if (clientId !== null) note.clientId = clientId;
    const client = clientId === null ? undefined : this.#clients.get(clientId);
    const secret = basic?.secret ?? posted ?? undefined;
    if (client?.authenticationMethod !== method || client.clientSecret !== secret) {
      throw new OAuthRefusal(
        'invalid_client',
        401,
        basic ? { 'www-authenticate': 'Basic realm="strict"' } : {},
      );
    }
    if (method === 'private_key_jwt') {
      await this.#assertions.verify(form, client.clientId, client.jwks ?? { keys: [] });
    }
    return client;
  }
}

function usedMethod(isBasic: boolean, form: URLSearchParams): AuthenticationMethod {
  if (isBasic) return 'client_secret_basic';
  if (form.has('client_assertion')) return 'private_key_jwt';
  return form.has('client_secret') ? 'client_secret_post' : 'none';
}

function basicCredentials(header: string | undefined): { id: string; secret: string } | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=]+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [id = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  const decode = (part: string) => new URLSearchParams(`v=${part}`).get('v') ?? '';
  return { id: decode(id), secret: decode(secret.join(':')) };
}

function strings(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}

function isAllowedRedirect(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { protocol, hostname, hash } = new URL(uri);
  const loopback = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
  return hash === '' && (protocol === 'https:' || (protocol === 'http:' && loopback));
}
