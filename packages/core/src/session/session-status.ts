import type { Credentials } from '../credentials/credentials.js';
import type { AuthorizationRequiredReason } from '../errors.js';

/** What is known about a login, without a secret. */
export interface SessionStatus {
  readonly resource: string;
  readonly profile: string;
  /** `logged_out` nobody has logged in · `login_required` somebody had · `logging_in` a login is under way. */
  readonly state: 'logged_out' | 'logging_in' | 'logged_in' | 'login_required';
  readonly reason?: AuthorizationRequiredReason;
  readonly issuer?: string;
  readonly clientId?: string;
  readonly scope?: string;
  /** When the access token ends; it is renewed before that where `renewable`. */
  readonly expiresAt?: Date;
  readonly renewable?: boolean;
  /** How many token sets this login has had. */
  readonly generation?: number;
}

export function sessionStatus(
  resource: string,
  profile: string,
  credentials: Credentials | undefined,
): SessionStatus {
  const grant = credentials?.grant;
  if (!grant) {
    const loggingIn = credentials?.login !== undefined && credentials.login.ended === undefined;
    return { resource, profile, state: loggingIn ? 'logging_in' : 'logged_out' };
  }
  const { scope, expires_at, refresh_token } = grant.tokens;
  return {
    resource,
    profile,
    state: grant.status === 'active' ? 'logged_in' : 'login_required',
    issuer: grant.server.issuer,
    clientId: grant.client.client_id,
    renewable: refresh_token !== undefined,
    generation: grant.generation,
    ...(grant.reason === undefined ? {} : { reason: grant.reason }),
    ...(scope === undefined ? {} : { scope }),
    ...(expires_at === undefined ? {} : { expiresAt: new Date(expires_at) }),
  };
}
