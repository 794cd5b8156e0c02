import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type {
  OAuthClientInformationMixed,
  OAuthClientMetadata,
  OAuthTokens,
} from '@modelcontextprotocol/sdk/shared/auth.js';
import { person, type PersonOptions, type WhoAmI } from '@mcp-oauth/e2e';

/** What the SDK's own documentation shows: everything in memory, every request of the SDK obeyed. */
export class NaiveProvider implements OAuthClientProvider {
  readonly redirectUrl = 'http://127.0.0.1:9876/callback';
  readonly clientMetadata: OAuthClientMetadata = {
    client_name: 'Rig',
    redirect_uris: [this.redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
  readonly authorizationUrls: URL[] = [];
  information: OAuthClientInformationMixed | undefined;
  stored: OAuthTokens | undefined;
  #verifier = '';

  clientInformation(): OAuthClientInformationMixed | undefined {
    return this.information;
  }
  saveClientInformation(information: OAuthClientInformationMixed): void {
    this.information = information;
  }
  tokens(): OAuthTokens | undefined {
    return this.stored;
  }
  saveTokens(tokens: OAuthTokens): void {
    this.stored = tokens;
  }
  redirectToAuthorization(url: URL): void {
    this.authorizationUrls.push(url);
  }
  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }
  codeVerifier(): string {
    return this.#verifier;
  }
  invalidateCredentials(scope: 'all' | 'client' | 'tokens' | 'verifier' | 'discovery'): void {
    if (scope === 'all' || scope === 'tokens') this.stored = undefined;
    if (scope === 'all' || scope === 'client') this.information = undefined;
  }
}

type AuthTransport = StreamableHTTPClientTransport | SSEClientTransport;

/** Connects a plain SDK client, with a scripted person where the SDK asks for one. */
export async function connectWithSdk(
  url: URL,
  provider: NaiveProvider,
  options: PersonOptions & { transport?: 'streamable' | 'sse' } = {},
): Promise<Client> {
  const open = (): AuthTransport =>
    options.transport === 'sse'
      ? new SSEClientTransport(url, { authProvider: provider })
      : new StreamableHTTPClientTransport(url, { authProvider: provider });
  const newClient = () => new Client({ name: 'rig', version: '0.1.0' });
  const client = newClient();
  const first = open();
  try {
    await client.connect(first);
    return client;
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
  }
  const asked = provider.authorizationUrls.at(-1);
  if (asked === undefined) throw new Error('The SDK asked for no login.');
  const callback = new URL(await person.consent(asked, options));
  await first.finishAuth(callback.searchParams.get('code') ?? '');
  // A client that failed over SSE stays bound to its transport.
  const loggedIn = newClient();
  await loggedIn.connect(open());
  return loggedIn;
}

export async function callTool(
  client: Client,
  name: string,
  args: Record<string, unknown> = {},
): Promise<string> {
  const { content } = (await client.callTool({ name, arguments: args })) as { content: { text: string }[] };
  return content[0]?.text ?? '';
}

export async function whoAmI(client: Client): Promise<WhoAmI> {
  return JSON.parse(await callTool(client, 'whoami')) as WhoAmI;
}
