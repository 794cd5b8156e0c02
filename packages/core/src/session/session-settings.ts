/** What a host configures for one MCP server. */
export interface SessionSettings {
  /** Asked for instead of what the MCP server names. */
  readonly scopes?: readonly string[] | undefined;
  /** A client that was registered by hand. */
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  /** The only loopback port that a callback may come to. */
  readonly callbackPort?: number | undefined;
}
