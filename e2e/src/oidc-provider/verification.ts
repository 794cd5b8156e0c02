import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { introspect, verifiedToken } from '../mcp-server/introspection.js';
import type { TokenIssuer } from '../mcp-server/verified-token.js';
import type { ResourceServerCredentials } from './configuration.js';

/** Checks JWT access tokens by their signature (RFC 9068) and asks the server about all others. */
export function accessTokenVerifier(
  issuer: string,
  credentials: ResourceServerCredentials,
): TokenIssuer['verify'] {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  return async (token) => {
    if (token.split('.').length !== 3) {
      return introspect(token, { endpoint: `${issuer}/token/introspection`, credentials });
    }
    try {
      const { payload } = await jwtVerify(token, keys, { issuer, typ: 'at+jwt' });
      return verifiedToken(payload);
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  };
}
