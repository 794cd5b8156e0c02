import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import type {
  HealthCheckId,
  HealthFinding,
  HealthReport,
  OAuthClient,
  OAuthClientSettings,
  SessionSettings,
  TokenStore,
} from '@mcp-oauth/core';
import { encodeCredentials } from '../../src/credentials/credentials-codec.js';
import { credentialsId } from '../../src/credentials/credentials-list.js';
import type { Credentials, Grant } from '../../src/credentials/credentials.js';
import { toBase64Url } from '../../src/session-key/digest.js';
import { StoreSecret } from '../../src/session-key/store-secret.js';
import { ScriptedFetch } from '../scripted-fetch.js';
import type { Answer } from '../scripted-fetch.js';

export const MCP = 'https://mcp.example/mcp';
export const AS = 'https://as.example';
export const RESOURCE_METADATA = 'https://mcp.example/.well-known/oauth-protected-resource/mcp';
export const SERVER_METADATA = `${AS}/.well-known/oauth-authorization-server`;
export const NOW = Date.parse('2026-07-28T12:00:00Z');
export const SECRETS = ['cnry_access_token', 'cnry_refresh_token', 'cnry_client_secret'] as const;

const secret = new Uint8Array(32).fill(7);

export const unauthorized = (challenge: string | null = `Bearer resource_metadata="${RESOURCE_METADATA}"`) =>
  new Response('', { status: 401, headers: challenge === null ? {} : { 'www-authenticate': challenge } });

export const resourceMetadata = (more: object = {}) =>
  Response.json({ resource: MCP, authorization_servers: [AS], scopes_supported: ['read'], ...more });

export const serverMetadata = (more: object = {}, issuer = AS) =>
  Response.json({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    registration_endpoint: `${issuer}/register`,
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'],
    code_challenge_methods_supported: ['S256'],
    ...more,
  });

const healthy: Readonly<Record<string, () => Response>> = {
  [MCP]: () => unauthorized(),
  [RESOURCE_METADATA]: () => resourceMetadata(),
  [SERVER_METADATA]: () => serverMetadata(),
};

export interface Scene {
  readonly answers?: Readonly<Record<string, Answer>>;
  readonly settings?: SessionSettings;
  readonly credentials?: Partial<Credentials> & { readonly grant?: Grant };
  readonly client?: Partial<OAuthClientSettings>;
  readonly store?: TokenStore;
  readonly now?: () => number;
  readonly signal?: AbortSignal;
}

export interface Looked {
  readonly report: HealthReport;
  readonly servers: ScriptedFetch;
  readonly oauth: OAuthClient;
}

/** What health says where everything is as it should be, but for what the scene breaks. */
export async function look(scene: Scene = {}): Promise<Looked> {
  const servers = new ScriptedFetch({ ...healthy, ...mapValues(scene.answers ?? {}, once) });
  const store = scene.store ?? new MemoryTokenStore();
  if (scene.credentials) await keep(store, scene.credentials);
  const oauth = createOAuthClient({
    store,
    secret,
    client: { client_name: 'Host' },
    fetch: servers.fetch,
    now: scene.now ?? (() => NOW),
    ...scene.client,
  });
  const session = oauth.session({ resource: MCP }, scene.settings);
  const report = await session.health(scene.signal ? { signal: scene.signal } : {});
  return { report, servers, oauth };
}

/** As it is, and no copy: what a copy's body is cancelled with would wait for the original. */
function once(answer: Answer): Answer {
  return answer instanceof Response ? () => answer : answer;
}

function mapValues<T>(record: Readonly<Record<string, T>>, map: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

export async function finding(check: HealthCheckId, scene: Scene = {}): Promise<HealthFinding> {
  const { report } = await look(scene);
  const found = report.findings.find((one) => one.check === check);
  if (!found) throw new Error(`No finding for ${check}.`);
  return found;
}

async function keep(store: TokenStore, credentials: Partial<Credentials>): Promise<void> {
  const partition = toBase64Url(await new StoreSecret(store, secret).partition(undefined));
  const id = await credentialsId(MCP, 'default');
  const value = encodeCredentials({ resource: MCP, profile: 'default', epoch: 'epoch', ...credentials });
  await store.compareAndSet({ partition, id }, null, value);
}

export function grant(more: Partial<Grant> = {}): Grant {
  const [access_token, refresh_token, client_secret] = SECRETS;
  return {
    grantId: 'grant',
    generation: 1,
    status: 'active',
    server: { issuer: AS, token_endpoint: `${AS}/token` },
    client: { client_id: 'client-1', client_secret },
    tokens: {
      access_token,
      refresh_token,
      token_type: 'Bearer',
      issued_at: NOW - 60_000,
      expires_at: NOW + 3_600_000,
    },
    ...more,
  };
}
