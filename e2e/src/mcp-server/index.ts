import { nowMs } from '../http/clock.js';
import type { RefusalFault } from '../http/faults.js';
import { listenOnLoopback, type LoopbackHost } from '../http/loopback-listener.js';
import {
  strictAuthorizationServer,
  type StrictAuthorizationServer,
} from '../strict-authorization-server/index.js';
import { StrictServer, type StrictServerOptions } from '../strict-authorization-server/server.js';
import { defaultMcpBehaviour, type McpBehaviour } from './behaviour.js';
import type { StaticCredentials } from './guard.js';
import type { McpCounts, McpRequestEntry } from './request-log.js';
import type { McpEndpoint } from './server.js';
import type { TokenIssuer } from './verified-token.js';

export interface McpServerOptions extends Partial<McpBehaviour> {
  /** Default: `127.0.0.1`. */
  readonly host?: LoopbackHost;
  /** Where streamable HTTP is. Default: `/mcp`. */
  readonly path?: string;
  /** Whose tokens are accepted, and who is named in the metadata. */
  readonly authorizationServers?: readonly TokenIssuer[];
  /** Makes the server its own strict authorization server, on the same origin. */
  readonly ownAuthorizationServer?: StrictServerOptions;
  /** Asks for these instead of OAuth. Without any of the three the server is open. */
  readonly credentials?: StaticCredentials;
}

export interface RunningMcpServer {
  readonly origin: string;
  /** The streamable HTTP endpoint. */
  readonly url: URL;
  /** The endpoint of the older HTTP+SSE transport. */
  readonly sseUrl: URL;
  /** Takes effect with the next request. */
  readonly behaviour: McpBehaviour;
  /** The one that `ownAuthorizationServer` asked for. */
  readonly authorizationServer: StrictAuthorizationServer | undefined;
  /** The next requests to the endpoint meet these, one each, in this order. */
  fail(endpoint: McpEndpoint, ...faults: readonly RefusalFault[]): void;
  failAlways(endpoint: McpEndpoint, fault: RefusalFault): void;
  heal(endpoint?: McpEndpoint): void;
  /** From now on answers 401 to every token that was issued before now, whatever its issuer says. */
  revokeAllTokens(): void;
  log(): readonly McpRequestEntry[];
  counts(): McpCounts;
  clearLog(): void;
  close(): Promise<void>;
}

/** Starts a real MCP server with both http transports on a free loopback port. */
export async function startMcpServer(options: McpServerOptions = {}): Promise<RunningMcpServer> {
  const {
    host,
    path = '/mcp',
    authorizationServers = [],
    ownAuthorizationServer,
    credentials,
    ...rest
  } = options;
  // Loaded when used: a test that needs only an authorization server should not wait for the MCP SDK.
  const { McpRequestHandler } = await import('./server.js');
  const behaviour: McpBehaviour = { ...defaultMcpBehaviour, ...rest };
  const listener = await listenOnLoopback(host);
  const { origin } = listener;
  const ownServer = ownAuthorizationServer && new StrictServer(origin, ownAuthorizationServer);
  const own = ownServer && strictAuthorizationServer(ownServer, origin, () => Promise.resolve());
  const running = new McpRequestHandler({
    origin,
    mcpPath: path,
    issuers: own ? [own, ...authorizationServers] : authorizationServers,
    credentials,
    behaviour,
    ownAuthorizationServer: ownServer,
  });
  listener.serve((request, response) => running.handle(request, response));
  const { faults, log } = running;
  return {
    origin,
    url: new URL(path, origin),
    sseUrl: new URL('/sse', origin),
    behaviour,
    authorizationServer: own,
    fail: (endpoint, ...next) => {
      faults.queue(endpoint, ...next);
    },
    failAlways: (endpoint, fault) => {
      faults.always(endpoint, fault);
    },
    heal: (endpoint) => {
      faults.heal(endpoint);
    },
    revokeAllTokens: () => {
      running.guard.revokeTokensIssuedUntil(nowMs());
    },
    log: () => log.entries(),
    counts: () => log.counts(),
    clearLog: () => {
      log.clear();
    },
    close: async () => {
      await own?.close();
      await running.close();
      await listener.close();
    },
  };
}
