import { canonicalResource, InvalidConfigError } from '@mcp-oauth/core';
import type {
  FetchLike,
  MachineGrant,
  OAuthClient,
  OAuthSession,
  OwnerArgument,
  Owners,
} from '@mcp-oauth/core';
import type { HttpServerConfig, McpServerConfig } from '../configuration/schema.js';
import { sessionSettings } from '../configuration/session-settings.js';
import { urlProblem } from '../configuration/url-problem.js';
import { SessionOAuthProvider } from '../oauth-provider/session-oauth-provider.js';
import { withLoginOnStart } from './login-on-start.js';
import type { SdkTransport, SdkTransports } from './sdk-transports.js';
import { staticFetch } from './static-credentials.js';

/** Providers of idle owners beyond this many are forgotten; their logins stay in the store. */
const MAX_PROVIDERS = 1_000;
/** Those whose login is under way stay, up to this many: nobody else could end it. */
const MAX_PROVIDERS_LOGGING_IN = 10_000;

export interface TransportFactoryOptions<O extends Owners> {
  readonly oauth: OAuthClient<O>;
  /** For requests with static credentials or none. Default: the one of the OAuth client. */
  readonly fetch?: FetchLike;
}

export type TransportAddress<O extends Owners> = OwnerArgument<O> & {
  /** Which of several accounts of the owner. Default `default`. */
  readonly profile?: string;
  /**
   * How tokens are had without asking a person, where that takes functions of the host's own (`jwt_bearer`,
   * `enterprise_managed`), which no configuration can hold. Of use with OAuth alone.
   */
  readonly grant?: MachineGrant;
};

export type ProviderAddress<O extends Owners> = TransportAddress<O> & {
  /** The host's own callback address. Without it the client's listener on this machine is used. */
  readonly redirectUrl?: string;
  /** Sends the person's browser to the authorization URL, where the host does that itself. */
  readonly onRedirect?: (authorizationUrl: URL) => void | Promise<void>;
};

/** With a single owner nothing has to be said. */
type Optional<O extends Owners, Argument> = O extends 'many' ? [address: Argument] : [address?: Argument];

/** Makes the transports of one MCP SDK from configuration. Each entry of this package brings its own. */
export class ConfiguredTransports<T extends SdkTransport, O extends Owners> {
  readonly #sdk: SdkTransports<T>;
  readonly #oauth: OAuthClient<O>;
  readonly #fetch: FetchLike;
  readonly #providers = new Map<string, SessionOAuthProvider>();

  constructor(sdk: SdkTransports<T>, { oauth, fetch }: TransportFactoryOptions<O>) {
    this.#sdk = sdk;
    this.#oauth = oauth;
    this.#fetch = fetch ?? oauth.fetch;
  }

  /**
   * A transport for one server, not started. With OAuth it logs the person in when it is started, if it must and can.
   *
   * @throws {InvalidConfigError} an owner is missing, or is named where there is only one; the URL can't be used.
   */
  create(config: McpServerConfig, ...[address]: Optional<O, TransportAddress<O>>): T {
    if (config.type === 'stdio') {
      const { command, args, env, cwd } = config;
      return new this.#sdk.StdioClientTransport({
        command,
        ...(args ? { args: [...args] } : {}),
        ...(cwd === undefined ? {} : { cwd }),
        env: { ...this.#sdk.getDefaultEnvironment(), ...env },
      });
    }
    const { url, type, headers, auth } = config;
    const problem = URL.canParse(url) ? urlProblem(new URL(url)) : 'is no URL';
    if (problem !== undefined) throw new InvalidConfigError(`The url of an MCP server ${problem}.`);
    const { SSEClientTransport, StreamableHTTPClientTransport, SseError } = this.#sdk;
    const HttpTransport = type === 'sse' ? SSEClientTransport : StreamableHTTPClientTransport;
    if (auth?.type !== 'oauth') {
      return new HttpTransport(new URL(url), { fetch: staticFetch(url, headers, auth, this.#fetch) });
    }
    const session = this.#session(config, address);
    const fetch = type === 'sse' ? session.fetchFor('origin') : session.fetch;
    const transport = new HttpTransport(new URL(url), { fetch: staticFetch(url, headers, undefined, fetch) });
    return withLoginOnStart(transport, session, SseError);
  }

  /**
   * The `OAuthClientProvider` of a server, for hosts that can take nothing else; one for each owner, server and
   * profile, which goes by the configuration and the address that were given last. Transports of {@link create} are
   * smoother: see `SessionOAuthProvider`.
   */
  getOAuthProvider(
    config: HttpServerConfig,
    ...[address]: Optional<O, ProviderAddress<O>>
  ): SessionOAuthProvider {
    const session = this.#session(config, address);
    const id = JSON.stringify([
      session.key.owner ?? null,
      canonicalResource(config.url),
      session.key.profile,
    ]);
    const { redirectUrl, onRedirect } = (address ?? {}) as ProviderAddress<Owners>;
    const known = this.#providers.get(id);
    if (known) {
      known.update({ session, redirectUrl, onRedirect });
      this.#providers.delete(id);
      this.#providers.set(id, known);
      return known;
    }
    const provider = new SessionOAuthProvider({
      session,
      client: this.#oauth.clientMetadata,
      redirectUrl,
      onRedirect,
    });
    this.#providers.set(id, provider);
    for (const [oldest, { isLoggingIn }] of this.#providers) {
      if (this.#providers.size <= MAX_PROVIDERS) break;
      const isSpared = isLoggingIn && this.#providers.size <= MAX_PROVIDERS_LOGGING_IN;
      if (!isSpared) this.#providers.delete(oldest);
    }
    return provider;
  }

  /**
   * The session behind the transports of a server, for what a host does beside calls: `authorize` for more scopes,
   * `status`, `revoke`.
   *
   * @throws {InvalidConfigError}
   */
  session(config: HttpServerConfig, ...[address]: Optional<O, TransportAddress<O>>): OAuthSession {
    return this.#session(config, address);
  }

  #session({ url, auth }: HttpServerConfig, address: TransportAddress<O> | undefined): OAuthSession {
    const { grant, ...named } = (address ?? {}) as TransportAddress<Owners>;
    const settings = sessionSettings(url, auth?.type === 'oauth' ? auth.oauth21 : undefined, grant);
    const key = { ...named, resource: url } as Parameters<OAuthClient<O>['session']>[0];
    return this.#oauth.session(key, settings);
  }
}
