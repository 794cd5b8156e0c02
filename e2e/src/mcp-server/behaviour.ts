/**
 * Where the protected resource metadata is (RFC 9728 section 3.1):
 * `path` between host and path, and named in every challenge · `root` at the root of the host only, named nowhere ·
 * `header_only` at an address that only the challenge names · `none` nowhere, as under the specification of 2025-03-26.
 */
export type MetadataPlacement = 'path' | 'root' | 'header_only' | 'none';

/** A challenge about to be sent (RFC 6750 section 3). */
export interface Challenge {
  readonly status: 401 | 403;
  /** What a tool needed and the token didn't have; only with 403. */
  readonly neededScope: string | undefined;
  /** The `WWW-Authenticate` header as it would be sent. */
  readonly header: string;
}

/** May be changed while the server runs. */
export interface McpBehaviour {
  /**
   * Which requests get a 401 whatever they present: `get_stream` is GET on the streamable HTTP endpoint, `post` every
   * message that a client sends.
   */
  refuse: 'nothing' | 'everything' | 'get_stream' | 'post';
  metadataPlacement: MetadataPlacement;
  /** Laid over the protected resource metadata; `undefined` leaves a member out. */
  metadata: Readonly<Record<string, unknown>>;
  /** Whose tokens are taken, of the servers that it was started with; they are the ones in the metadata, too. */
  trusts: (issuer: string) => boolean;
  /** Which tokens are taken: bearer tokens, those that are bound to a key too (RFC 9449), or none but those. */
  dpop: 'none' | 'offered' | 'required';
  /** Whether each proof needs a nonce, which every answer brings and which is good once. */
  dpopNonces: boolean;
  /** The `scope` of a 401 challenge; `undefined` leaves it out. */
  challengeScope: string | undefined;
  /**
   * The scope that a request needs beyond those that its token has, for a 403. An operation is `tools/call add`, the
   * JSON-RPC method of any other message, or `GET`.
   */
  missingScope: (operation: string, granted: readonly string[]) => string | undefined;
  /** Changes a challenge before it is sent; `undefined` sends none. */
  challenge: (challenge: Challenge) => string | undefined;
}

export const defaultMcpBehaviour: Readonly<McpBehaviour> = {
  refuse: 'nothing',
  metadataPlacement: 'path',
  metadata: {},
  trusts: () => true,
  dpop: 'none',
  dpopNonces: false,
  challengeScope: 'mcp:tools',
  missingScope: (operation, granted) =>
    operation === 'tools/call admin_only' && !granted.includes('mcp:admin') ? 'mcp:admin' : undefined,
  challenge: ({ header }) => header,
};
