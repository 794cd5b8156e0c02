import type { MachineGrant } from '../machine-login/machine-grant.js';
import type { ClientKey, TokenEndpointAuthMethod } from '../registration/client-key.js';

/** What a host configures for one MCP server. */
export interface SessionSettings {
  /** Asked for instead of what the MCP server names. */
  readonly scopes?: readonly string[] | undefined;
  /** A client that was registered by hand. */
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  /** Instead of a secret. */
  readonly privateKey?: ClientKey | undefined;
  /** Default: what the server supports and this client can do. */
  readonly tokenEndpointAuthMethod?: TokenEndpointAuthMethod | undefined;
  /**
   * The issuer that `clientId` was registered at: no other server hears of it. Without it the first one that the MCP
   * server names is remembered.
   */
  readonly issuer?: string | undefined;
  /** The only loopback port that a callback may come to. */
  readonly callbackPort?: number | undefined;
  /** How tokens are had without a person. Default: a person logs in. */
  readonly grant?: MachineGrant | undefined;
}
