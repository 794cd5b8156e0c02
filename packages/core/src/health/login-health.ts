import type { Credentials, Grant, LoginMark } from '../credentials/credentials.js';
import { isSameIssuer } from '../discovery/issuer.js';
import { AuthorizationRequiredError } from '../errors.js';
import type { MachineGrant } from '../machine-login/machine-grant.js';
import { ok, problem, troubled, unknown, warning } from './findings.js';
import type { Outcome } from './findings.js';
import type { HealthFinding } from './health-report.js';

const LOG_IN = 'Log in again: authorize() or beginAuthorization().';
const SOON_MS = 24 * 3_600_000;

export interface LoginHealthRequest {
  readonly resource: string;
  /** `undefined` inside: nobody has logged in. */
  readonly kept: Outcome<Credentials | undefined>;
  /** How tokens are had without a person, where they are. */
  readonly machine: MachineGrant | undefined;
  /** The issuers that the MCP server names, where that is known. */
  readonly offered: readonly string[] | undefined;
  /** Whether a person has to log in before anything works. */
  readonly isNeeded: boolean;
  /** Unix time in milliseconds. */
  readonly now: number;
}

/** The stored login, and the client that it belongs to. */
export function loginHealth(request: LoginHealthRequest): readonly HealthFinding[] {
  const { resource, kept, now } = request;
  if (!kept.ok) return [troubled('login', kept.trouble, LOG_IN)];
  const grant = kept.value?.grant;
  if (grant) return [grantFinding(request, grant), clientFinding(grant, now)];
  const client = unknown('client_registration', 'Without a login no client belongs to one.');
  const mark = kept.value?.login;
  if (request.machine) return [machineFinding(request.machine, mark), client];
  if (mark && mark.ended === undefined) {
    return [ok('login', `A login for ${resource} is under way since ${time(mark.startedAt)}.`), client];
  }
  const last = mark?.ended === undefined ? '' : ` The last login was ${ended[mark.ended]}.`;
  const message = `Nobody has logged in to ${resource}.${last}`;
  return [
    request.isNeeded
      ? warning('login', message, 'Log in: authorize() or beginAuthorization().')
      : ok('login', message),
    client,
  ];
}

const ended: Record<NonNullable<LoginMark['ended']>, string> = {
  denied: 'declined',
  failed: 'in vain',
  abandoned: 'given up',
  refused: 'refused',
  transient: 'in vain',
};

function machineFinding({ type }: MachineGrant, mark: LoginMark | undefined): HealthFinding {
  if (mark?.ended === undefined) return ok('login', `No token is kept. The next use gets one by ${type}.`);
  const message = `The last request for a token by ${type} was ${ended[mark.ended]}.`;
  return mark.ended === 'refused' || mark.ended === 'denied'
    ? problem('login', message, 'Check the client, its secret or key, and what it may do at that server.')
    : warning(
        'login',
        message,
        'The next use tries again. See what is wrong with the authorization server below.',
      );
}

function grantFinding({ resource, machine, offered, now }: LoginHealthRequest, grant: Grant): HealthFinding {
  const check = 'login';
  const { tokens, server } = grant;
  if (grant.status === 'reauth_required') {
    return problem(check, reasonText(resource, grant.reason ?? 'grant_rejected'), LOG_IN);
  }
  const renewable = tokens.refresh_token !== undefined || machine !== undefined;
  const expired = tokens.expires_at !== undefined && tokens.expires_at <= now;
  if (expired && !renewable) return problem(check, reasonText(resource, 'expired'), LOG_IN);
  if (offered && !offered.some((issuer) => isSameIssuer(issuer, server.issuer))) {
    return warning(
      check,
      `The login is for ${server.issuer}, which ${resource} no longer names.`,
      `${LOG_IN} Its tokens are not shown to another server.`,
    );
  }
  const state = `Logged in at ${server.issuer}. ${lifetime(tokens.expires_at, expired, renewable)}`;
  if (grant.cooldownUntil !== undefined && grant.cooldownUntil > now) {
    return warning(
      check,
      `${state} ${failures(grant)} Nobody tries again before ${time(grant.cooldownUntil)}.`,
      'Wait until then. If it goes on, see what is wrong with the authorization server below.',
    );
  }
  if ((grant.failures ?? 0) > 0 || (grant.inDoubt ?? 0) > 0) {
    return warning(
      check,
      `${state} ${failures(grant)}`,
      'The next use tries again. If it goes on, log in again.',
    );
  }
  return ok(check, state);
}

/** What the error would say that a call throws then. */
function reasonText(
  resource: string,
  reason: ConstructorParameters<typeof AuthorizationRequiredError>[1],
): string {
  return new AuthorizationRequiredError(resource, reason).message.replace(/ Call authorize\(\).*$/, '');
}

function lifetime(expiresAt: number | undefined, expired: boolean, renewable: boolean): string {
  const renewal = renewable
    ? 'It is renewed without a person.'
    : 'There is no refresh token: a person has to log in after it.';
  if (expiresAt === undefined) return `How long the access token lasts is not known. ${renewal}`;
  return `The access token ${expired ? 'ended' : 'lasts until'} ${expired ? 'at ' : ''}${time(expiresAt)}. ${renewal}`;
}

function failures({ failures: failed = 0, inDoubt = 0 }: Grant): string {
  const count = Math.max(failed, inDoubt);
  const which = count === 1 ? 'The last refresh failed' : `The last ${String(count)} refreshes failed`;
  return inDoubt > 0 ? `${which}, and nobody knows whether the server did it all the same.` : `${which}.`;
}

function clientFinding({ client, server }: Grant, now: number): HealthFinding {
  const check = 'client_registration';
  const who = `The client ${JSON.stringify(client.client_id)} of ${server.issuer}`;
  if (client.client_secret === undefined) return ok(check, `${who} has no secret.`);
  const expiry = client.client_secret_expires_at ?? 0;
  if (expiry === 0) return ok(check, `${who} has a secret that doesn't end.`);
  const ends = expiry * 1_000;
  if (ends <= now) {
    const message = `The secret of the client ${JSON.stringify(client.client_id)} of ${server.issuer} ended at ${time(ends)}.`;
    return problem(check, message, `${LOG_IN} The client is then registered anew.`);
  }
  const message = `${who} has a secret that lasts until ${time(ends)}.`;
  return ends - now <= SOON_MS
    ? warning(check, message, 'Log in again before that: the client is then registered anew.')
    : ok(check, message);
}

/** The Date of the runtime takes 8.64e15 ms at most, and a record may hold anything. */
function time(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? 'a time that is no date' : date.toISOString();
}
