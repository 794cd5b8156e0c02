import type { TokenRevocation } from '@mcp-oauth/core';

/** What an authorization server did with a token that it was asked to end. */
export const revocationWords: Record<TokenRevocation, string> = {
  revoked: 'ended by the server',
  unsupported: 'the server can not end it; it was forgotten here',
  absent: 'there was none',
  failed: 'the server could not be asked; it was forgotten here',
};
