import type { VerifiedToken } from './verified-token.js';

export interface IntrospectionOptions {
  readonly endpoint: string;
  /** Sent as HTTP Basic, where the server wants to know who asks. */
  readonly credentials?: { readonly clientId: string; readonly clientSecret: string };
}

/** Asks an authorization server about a token (RFC 7662). */
export async function introspect(
  token: string,
  { endpoint, credentials }: IntrospectionOptions,
): Promise<VerifiedToken | null> {
  const response = await fetch(endpoint, {
    method: 'POST',
    body: new URLSearchParams({ token }),
    headers: credentials
      ? {
          authorization: `Basic ${Buffer.from(`${credentials.clientId}:${credentials.clientSecret}`).toString('base64')}`,
        }
      : {},
  });
  const claims = (await response.json()) as Record<string, unknown>;
  return claims['active'] === true ? verifiedToken(claims) : null;
}

/** The claims that introspection and JWT access tokens (RFC 9068) share. */
export function verifiedToken(claims: Readonly<Record<string, unknown>>): VerifiedToken {
  const audience = claims['aud'];
  const issuedAtMs = claims['issued_at_ms'];
  return {
    subject: text(claims['sub']),
    clientId: text(claims['client_id']),
    scopes: text(claims['scope']).split(' ').filter(Boolean),
    audience: Array.isArray(audience) ? audience.map(text) : audience === undefined ? [] : [text(audience)],
    jkt: jktOf(claims['cnf']),
    issuedAt: typeof issuedAtMs === 'number' ? issuedAtMs : Number(claims['iat']) * 1000,
  };
}

function jktOf(cnf: unknown): string | undefined {
  return typeof cnf === 'object' && cnf !== null && 'jkt' in cnf ? text(cnf.jkt) : undefined;
}

function text(claim: unknown): string {
  return typeof claim === 'string' ? claim : '';
}
