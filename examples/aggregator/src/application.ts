import type { ReplicaConfiguration } from './configuration/replica-configuration.js';
import type { ConnectedNotices } from './connect/connected-notice.js';
import type { McpHost } from './host/mcp-host.js';
import type { Reachability } from './servers/reachability.js';
import type { WebSessions } from './sign-in/web-session.js';
import type { McpCalls } from './tools/mcp-calls.js';

/** What the pages of one replica share. Nothing in it belongs to a user. */
export interface Application {
  readonly configuration: ReplicaConfiguration;
  readonly host: McpHost;
  readonly webSessions: WebSessions;
  readonly connectedNotices: ConnectedNotices;
  readonly reachability: Reachability;
  readonly calls: McpCalls;
  /** Told of every error that nobody planned for. */
  readonly onDefect: (error: unknown) => void;
}
