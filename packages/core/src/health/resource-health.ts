import { challengeOf } from '../discovery/challenge.js';
import type { Challenge } from '../discovery/challenge.js';
import { quoted, TransientError } from '../errors.js';
import { isOverloaded } from '../http/oauth-http.js';
import { parseChallenges } from '../protocol/challenge-parser.js';
import { ok, problem, troubled, unknown, warning } from './findings.js';
import type { Outcome } from './findings.js';
import type { HealthFinding } from './health-report.js';

export interface ResourceHealth {
  readonly findings: readonly HealthFinding[];
  /** Absent where the MCP server asks for no token, or doesn't tell. */
  readonly challenge: Challenge | undefined;
  /** Whether it was asked and wants no token. */
  readonly isOpen: boolean;
}

/** What the answer of an MCP server to a request without a token says. */
export async function resourceHealth(resource: string, asked: Outcome<Response>): Promise<ResourceHealth> {
  if (!asked.ok) {
    const remedy =
      asked.trouble instanceof TransientError
        ? 'Check the address and the network. If both are right, the server is down.'
        : 'Check the address. If it is right, allow it where this client is made.';
    return { findings: [troubled('resource', asked.trouble, remedy)], challenge: undefined, isOpen: false };
  }
  const { value: response } = asked;
  if (response.status !== 401) {
    const none = unknown('challenge', `${resource} did not answer 401, so that there is none.`);
    const answer = answered(resource, response.status);
    return { findings: [answer, none], challenge: undefined, isOpen: answer.status === 'ok' };
  }
  const findings = [
    ok('resource', `${resource} answers, and asks for a token.`),
    await challengeFinding(resource, response.headers.get('www-authenticate')),
  ];
  return { findings, challenge: await challengeOf(response), isOpen: false };
}

function answered(resource: string, status: number): HealthFinding {
  const who = `${resource} answers a request without a token with status ${String(status)}`;
  if (isOverloaded(status)) {
    return problem('resource', `${who}.`, 'Try again later. If it stays so, tell whoever runs the server.');
  }
  if (status === 404) return problem('resource', `${who}: there is no MCP server.`, 'Check the address.');
  if (status >= 300 && status <= 399) {
    return problem('resource', `${who}, which is not followed.`, 'Configure the address that it leads to.');
  }
  if (status === 403) {
    const remedy = 'Tell whoever runs the server: a client only knows by a 401 that a login helps.';
    return warning('resource', `${who}, where 401 would ask for a token.`, remedy);
  }
  return ok('resource', status < 300 ? `${resource} answers without a token.` : `${who}, and asks for none.`);
}

async function challengeFinding(resource: string, header: string | null): Promise<HealthFinding> {
  const remedy =
    'Tell whoever runs the server: its 401 needs a Bearer challenge with resource_metadata (RFC 9728 section 5.1). ' +
    'Until then its metadata is looked for at the well-known addresses.';
  if (header === null) {
    return warning('challenge', `The 401 of ${resource} has no WWW-Authenticate header.`, remedy);
  }
  const challenges = await parseChallenges(header);
  if (challenges.length === 0) {
    return warning('challenge', `The WWW-Authenticate header of ${resource} is malformed.`, remedy);
  }
  const ours = challenges.find(({ scheme }) => scheme === 'bearer' || scheme === 'dpop');
  if (!ours) {
    const schemes = challenges.map(({ scheme }) => quoted(scheme)).join(', ');
    return warning('challenge', `${resource} asks for ${schemes}, and for no OAuth token.`, remedy);
  }
  const { resource_metadata, scope, error } = ours.parameters;
  const says = [
    resource_metadata === undefined
      ? 'names no metadata'
      : `names its metadata, ${quoted(resource_metadata)}`,
    ...(scope === undefined ? [] : [`asks for the scopes ${quoted(scope)}`]),
    ...(error === undefined ? [] : [`gives the error ${quoted(error)}`]),
  ];
  return ok('challenge', `The ${ours.scheme} challenge of ${resource} ${says.join(', ')}.`);
}
