/**
 * What is looked at. Every report has each of them once, in this order:
 * `store` whether the token store can be used · `login` the stored login · `client_registration` the client that its
 * tokens belong to · `resource` whether the MCP server answers, and how without a token · `challenge` what its 401 says ·
 * `resource_metadata` RFC 9728 · `authorization_server` which one is taken · `server_metadata` RFC 8414 · `issuer` whether
 * that speaks for itself · `endpoints` which there are, and whether their addresses may be used · `pkce` S256 ·
 * `client` the ways to get a client there, and which one is taken · `client_authentication` how it proves itself ·
 * `iss_parameter` RFC 9207 · `dpop` RFC 9449 · `scopes` what a login asks for · `clock` the difference to the servers.
 */
export const healthChecks = [
  'store',
  'login',
  'client_registration',
  'resource',
  'challenge',
  'resource_metadata',
  'authorization_server',
  'server_metadata',
  'issuer',
  'endpoints',
  'pkce',
  'client',
  'client_authentication',
  'iss_parameter',
  'dpop',
  'scopes',
  'clock',
] as const;

export type HealthCheckId = (typeof healthChecks)[number];

/**
 * `ok` as it should be · `warning` it works, but something will go wrong or is not as it should be · `problem` it doesn't
 * work · `unknown` it could not be found out, or has no meaning here: the message says why.
 */
export type HealthStatus = 'ok' | 'warning' | 'problem' | 'unknown';

/** One thing that was looked at. Holds no secret. */
export interface HealthFinding {
  readonly check: HealthCheckId;
  readonly status: HealthStatus;
  /** What is the case, for a person. */
  readonly message: string;
  /** What to do about it. Only beside a warning or a problem. */
  readonly remedy?: string;
}

/** How a session is, at both servers and in the store. */
export interface HealthReport {
  readonly resource: string;
  readonly profile: string;
  /** The worst of all findings; what is unknown counts for nothing, since what kept it from being known has a finding. */
  readonly status: 'ok' | 'warning' | 'problem';
  readonly findings: readonly HealthFinding[];
}
