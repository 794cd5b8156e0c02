import { createHash, randomBytes } from 'node:crypto';
import type { StrictAuthorizationServer } from '@mcp-oauth/e2e';

export const redirectUri = 'http://127.0.0.1:9876/callback';

export function newVerifier(): string {
  return randomBytes(32).toString('base64url');
}

export function authorizationUrl(
  as: StrictAuthorizationServer,
  clientId: string,
  verifier: string,
  extra: Record<string, string> = {},
): string {
  const url = new URL(`${as.issuer}/authorize`);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    state: 'the-state',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...extra,
  }).toString();
  return url.href;
}
