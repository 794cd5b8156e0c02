import type { MachineGrant } from '../machine-login/machine-grant.js';
import type { ClientKey, TokenEndpointAuthMethod } from '../registration/client-key.js';

/** What a host configures for one MCP server. */
export interface SessionSettings {
  /**
   * Asked for instead of what the MCP server names, and as they are: only a call that is refused for want of a scope adds
   * to them. `offline_access` is not added, so name it to get refresh tokens from servers that ask for it.
   */
  readonly scopes?: readonly string[] | undefined;
  /** A client that was registered by hand. */
  readonly clientId?: string | undefined;
  /** Where it is rotated, logins of before go on with the new one once the server refuses the old. */
  readonly clientSecret?: string | undefined;
  /** Instead of a secret. */
  readonly privateKey?: ClientKey | undefined;
  /** Default: what the server supports and this client can do. */
  readonly tokenEndpointAuthMethod?: TokenEndpointAuthMethod | undefined;
  /**
   * The only issuer to log in at, which is where `clientId` was registered: no other server hears of it. It also counts
   * where the MCP server names none. Without it the first one that `clientId` is used at is remembered, for all owners,
   * until `invalidate('client')`.
   */
  readonly issuer?: string | undefined;
  /** The only loopback port that a callback may come to. */
  readonly callbackPort?: number | undefined;
  /** How tokens are had without a person. Default: a person logs in. */
  readonly grant?: MachineGrant | undefined;
}
