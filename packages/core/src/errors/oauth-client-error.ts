/** Both majors of the MCP SDK hand errors that carry this mark to the caller as they are. */
const authSeamEscape: unique symbol = Symbol.for('mcp.authSeamEscape');

/**
 * Base of every error that this library throws on purpose. Switch on `code`.
 *
 * No message, property, cause or stack ever holds a token, code, verifier, secret or response body.
 */
export abstract class OAuthClientError extends Error {
  abstract readonly code: string;
  readonly [authSeamEscape] = true;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
