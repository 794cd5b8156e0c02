import type { DpopBinding, TokenType } from '../credentials/credentials.js';

/**
 * The type of a token, as far as this client understands it and can use it: none other must be sent (RFC 6749
 * section 7.1). `undefined` for all others, and for a bound token that no key was shown for.
 *
 * A bearer token in answer to a proof is taken as what it is (RFC 9449 section 5 leaves that to the client): the MCP
 * server said that it takes both, and commits refuse it where it said otherwise.
 */
export function tokenType(name: string, binding: DpopBinding | undefined): TokenType | undefined {
  switch (name.toLowerCase()) {
    case 'bearer':
      return 'Bearer';
    case 'dpop':
      return binding && 'DPoP';
    default:
      return undefined;
  }
}
