import type { AuthorizationRequiredReason } from '../errors.js';

/** How an access token is sent (RFC 6750 section 2.1, RFC 9449 section 7.1): one is never sent as the other. */
export type TokenType = 'Bearer' | 'DPoP';

/** A successful token response (RFC 6749 section 5.1), with the times that it doesn't carry itself. */
export interface TokenSet {
  readonly access_token: string;
  readonly token_type: TokenType;
  readonly refresh_token?: string | undefined;
  readonly scope?: string | undefined;
  /** Unix time in milliseconds at which the request was sent. */
  readonly issued_at: number;
  /** Unix time in milliseconds. Absent where the server named no lifetime. */
  readonly expires_at?: number | undefined;
}

/** What identifies this host at one authorization server (RFC 7591 section 3.2.1). */
export interface ClientInformation {
  readonly client_id: string;
  readonly client_secret?: string | undefined;
  /** Unix time in seconds; 0: never. */
  readonly client_secret_expires_at?: number | undefined;
  readonly token_endpoint_auth_method?: string | undefined;
}

/** The parts of an authorization server's metadata (RFC 8414) that a grant goes on needing, as they were when it began. */
export interface PinnedServer {
  readonly issuer: string;
  readonly token_endpoint: string;
  readonly revocation_endpoint?: string | undefined;
  readonly token_endpoint_auth_methods_supported?: readonly string[] | undefined;
  readonly token_endpoint_auth_signing_alg_values_supported?: readonly string[] | undefined;
  readonly revocation_endpoint_auth_methods_supported?: readonly string[] | undefined;
}

/** The members of a private JWK (RFC 7517), all of them text. */
export type PrivateJwk = Readonly<Record<string, string>>;

/** The key that the tokens of a grant are bound to (RFC 9449). */
export interface DpopBinding {
  /** Its thumbprint (RFC 7638, SHA-256). */
  readonly jkt: string;
  /** The JWS algorithm that its proofs are named after. */
  readonly alg: string;
  /** Absent where the host has it. */
  readonly key?: PrivateJwk | undefined;
  /** Whether the MCP server takes no other tokens. */
  readonly required?: boolean | undefined;
}

/** Names one token set: the `generation`-th within the grant. */
export interface TokenIdentity {
  readonly grantId: string;
  readonly generation: number;
}

/** A refresh that is under way: the lease and the intent in one. */
export interface RefreshAttempt {
  readonly id: string;
  /** Unix time in milliseconds. */
  readonly startedAt: number;
  readonly holder?: string | undefined;
  /** An earlier attempt whose lease ran out and that has not reported its end. */
  readonly overtook?: { readonly id: string; readonly holder?: string | undefined } | undefined;
}

/** One login and everything that came of it. Tokens, client and issuer are one value, so that they can't be mixed up. */
export interface Grant extends TokenIdentity {
  readonly status: 'active' | 'reauth_required';
  readonly reason?: AuthorizationRequiredReason | undefined;
  readonly server: PinnedServer;
  readonly client: ClientInformation;
  /** The resource indicator (RFC 8707) as the MCP server advertised it. Absent where it advertised none. */
  readonly resourceIndicator?: string | undefined;
  readonly tokens: TokenSet;
  /** The key that was shown with its token requests. Whether a token is bound to it, its own `token_type` says. */
  readonly dpop?: DpopBinding | undefined;
  /** What the login asked for, space-separated: less may have been granted. */
  readonly requestedScope?: string | undefined;
  readonly attempt?: RefreshAttempt | undefined;
  /** Refreshes since the last success whose outcome nobody knows. */
  readonly inDoubt?: number | undefined;
  /** Failed refreshes since the last success. */
  readonly failures?: number | undefined;
  /** Unix time in milliseconds before which no process tries again. */
  readonly cooldownUntil?: number | undefined;
}

/** A login that is under way, or the way in which the last one ended. */
export interface LoginMark {
  readonly id: string;
  /** Unix time in milliseconds. */
  readonly startedAt: number;
  readonly holder?: string | undefined;
  /** How long it may take, in milliseconds, where that is not as usual. */
  readonly lengthMs?: number | undefined;
  readonly ended?: 'denied' | 'failed' | 'abandoned' | 'refused' | 'transient' | undefined;
  /** Why nobody need try again at once, where a login without a person was `refused`. */
  readonly refusal?: TokenRefusal | undefined;
}

/** A token endpoint's last word, without anything that a server could have slipped into it. */
export interface TokenRefusal {
  readonly issuer: string;
  readonly problem: string;
  readonly error?: string | undefined;
  readonly status?: number | undefined;
}

/** A call that was refused for want of scopes, and whose caller was told to ask a person. */
export interface StepUp {
  readonly operation: string;
  /** What the grant lacked, space-separated. */
  readonly scope: string;
  /** The grant that lacked it. */
  readonly grantId: string;
  /** Unix time in milliseconds. */
  readonly at: number;
  /** Unix time in milliseconds at which the person said no. */
  readonly deniedAt?: number | undefined;
}

/** The one record of a session key. */
export interface Credentials {
  readonly resource: string;
  readonly profile: string;
  /** New whenever the record begins anew: a login commits only over the epoch that it was begun in. */
  readonly epoch: string;
  /** The issuer that the last login was begun at. */
  readonly issuer?: string | undefined;
  readonly grant?: Grant | undefined;
  readonly login?: LoginMark | undefined;
  /** Of the last ten minutes. */
  readonly stepUps?: readonly StepUp[] | undefined;
}

/** Whether `grant` holds another token set than the one named. */
export function supersedes(grant: Grant, rejected: TokenIdentity | undefined): boolean {
  return grant.grantId !== rejected?.grantId || grant.generation > rejected.generation;
}
