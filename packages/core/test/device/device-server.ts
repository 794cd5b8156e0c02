import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import type {
  DevicePrompt,
  OAuthClient,
  OAuthClientEvent,
  OAuthClientOptions,
  UserCode,
} from '@mcp-oauth/core';

export const RESOURCE = 'https://mcp.example/mcp';
export const ISSUER = 'https://as.example';
export const DEVICE_CODE = 'cnry-device-code-cnry';

const grantType = 'urn:ietf:params:oauth:grant-type:device_code';
type Fields = Readonly<Record<string, unknown>>;

/** A `fetch` that is an MCP server and its authorization server, which has device authorization and a person who decides. */
export class DeviceServer {
  readonly sent: { readonly path: string; readonly body: URLSearchParams | Fields }[] = [];
  /** Laid over the metadata. */
  metadata: Fields = {};
  /** Laid over the device authorization response. */
  deviceResponse: Fields = {};
  onRegister: (metadata: Fields, count: number) => Response = (_, count) =>
    Response.json({ client_id: `client-${String(count)}` }, { status: 201 });
  onDeviceAuthorization: (body: URLSearchParams, count: number) => Response = () => this.deviceAnswer();
  /** Answers a poll; the number counts from 1. */
  onPoll: (count: number) => Response | Promise<Response> = () => this.tokens();
  readonly revoked: string[] = [];

  readonly fetch = async (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    const { pathname } = new URL(url);
    const body = bodyOf(init);
    this.sent.push({ path: pathname, body });
    switch (pathname) {
      case '/mcp':
        return new Response(null, { status: 401, headers: { 'www-authenticate': 'Bearer' } });
      case '/.well-known/oauth-protected-resource/mcp':
        return Response.json({
          resource: RESOURCE,
          authorization_servers: [ISSUER],
          scopes_supported: ['read'],
        });
      case '/.well-known/oauth-authorization-server':
        return Response.json({
          issuer: ISSUER,
          authorization_endpoint: `${ISSUER}/authorize`,
          token_endpoint: `${ISSUER}/token`,
          registration_endpoint: `${ISSUER}/register`,
          revocation_endpoint: `${ISSUER}/revoke`,
          device_authorization_endpoint: `${ISSUER}/device_authorization`,
          code_challenge_methods_supported: ['S256'],
          ...this.metadata,
        });
      case '/register':
        return this.onRegister(body as Fields, this.count('/register'));
      case '/device_authorization':
        return this.onDeviceAuthorization(body as URLSearchParams, this.count(pathname));
      case '/revoke':
        this.revoked.push((body as URLSearchParams).get('token') ?? '');
        return new Response();
      case '/token':
        return (body as URLSearchParams).get('grant_type') === grantType
          ? await this.onPoll(this.polls.length)
          : Response.json({ error: 'invalid_grant' }, { status: 400 });
      default:
        return new Response(null, { status: 404 });
    }
  };

  count(path: string): number {
    return this.sent.filter((request) => request.path === path).length;
  }

  get polls(): readonly URLSearchParams[] {
    return this.forms('/token').filter((body) => body.get('grant_type') === grantType);
  }

  forms(path: string): readonly URLSearchParams[] {
    const bodies = this.sent.filter((request) => request.path === path).map(({ body }) => body);
    return bodies.filter((body) => body instanceof URLSearchParams);
  }

  deviceAnswer(): Response {
    return Response.json({
      device_code: DEVICE_CODE,
      user_code: 'WDJB-MJHT',
      verification_uri: `${ISSUER}/device`,
      verification_uri_complete: `${ISSUER}/device?user_code=WDJB-MJHT`,
      expires_in: 600,
      interval: 1,
      ...this.deviceResponse,
    });
  }

  tokens(): Response {
    return Response.json({
      access_token: 'access-1',
      refresh_token: 'refresh-1',
      token_type: 'Bearer',
      expires_in: 3_600,
    });
  }

  refusal(error: string, status = 400): Response {
    return Response.json({ error, error_description: DEVICE_CODE }, { status });
  }

  client(options: Partial<OAuthClientOptions> = {}): OAuthClient {
    return createOAuthClient({
      store: new MemoryTokenStore(),
      client: { client_name: 'Test' },
      fetch: this.fetch,
      ...options,
    });
  }
}

/** Keeps what it was to show. */
export class KeptPrompt implements DevicePrompt {
  readonly shown: UserCode[] = [];
  readonly signals: AbortSignal[] = [];
  available = true;

  isAvailable(): boolean {
    return this.available;
  }

  show(code: UserCode, { signal }: { readonly signal: AbortSignal }): void {
    this.shown.push(code);
    this.signals.push(signal);
  }
}

export function collected(): {
  readonly events: OAuthClientEvent[];
  readonly onEvent: (event: OAuthClientEvent) => void;
} {
  const events: OAuthClientEvent[] = [];
  return { events, onEvent: (event) => void events.push(event) };
}

export async function failure(login: Promise<void>): Promise<Error & { readonly code?: string }> {
  return await login.then(
    () => {
      throw new Error('It was expected to fail.');
    },
    (error: unknown) => error as Error,
  );
}

function bodyOf({ body }: RequestInit): URLSearchParams | Fields {
  if (body instanceof URLSearchParams) return body;
  if (typeof body !== 'string') return {};
  return body.startsWith('{') ? (JSON.parse(body) as Fields) : new URLSearchParams(body);
}
