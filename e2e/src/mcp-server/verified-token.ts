/** What an MCP server learns about an access token that is good. */
export interface VerifiedToken {
  readonly subject: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** The resources that the token is for (RFC 8707); empty where it names none. */
  readonly audience: readonly string[];
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
  /** The thumbprint of the key that it is bound to (RFC 9449 section 6). */
  readonly jkt?: string | undefined;
}

/** An authorization server as an MCP server sees it: named in its metadata, and asked about tokens. */
export interface TokenIssuer {
  readonly issuer: string;
  /** `null` for a token that is not, or no longer, good. */
  verify(token: string): Promise<VerifiedToken | null>;
}
