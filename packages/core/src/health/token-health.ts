import { selectScope } from '../authorization/scope.js';
import type { Challenge } from '../discovery/challenge.js';
import type { Discovered } from '../discovery/discovery.js';
import { quoted } from '../errors.js';
import type { SessionSettings } from '../session/session-settings.js';
import { ok, problem, warning } from './findings.js';
import type { HealthFinding } from './health-report.js';

/** What the tokens of a login would be like: their scopes, and whether they are bound to a key. */
export function tokenHealth(
  resource: string,
  discovered: Discovered,
  settings: SessionSettings,
  challenge: Challenge | undefined,
): readonly HealthFinding[] {
  return [dpopFinding(resource, discovered), scopesFinding(discovered, settings, challenge)];
}

function dpopFinding(resource: string, discovered: Discovered): HealthFinding {
  const { server } = discovered;
  const atResource = discovered.dpop_signing_alg_values_supported;
  const atServer = server.dpop_signing_alg_values_supported;
  const required = discovered.dpop_bound_access_tokens_required === true;
  if (required && !atServer) {
    return problem(
      'dpop',
      `${resource} takes tokens with DPoP only, and ${server.issuer} offers none.`,
      'Tell whoever runs the MCP server.',
    );
  }
  if (!atResource && !required) {
    return ok('dpop', `${resource} doesn't offer DPoP: its tokens are bearer tokens.`);
  }
  if (!atServer)
    return ok('dpop', `${resource} offers DPoP, ${server.issuer} doesn't: tokens are bearer tokens.`);
  return ok(
    'dpop',
    `${resource} ${required ? 'requires' : 'offers'} DPoP, and ${server.issuer} does it with ${atServer.map(quoted).join(', ')}.`,
  );
}

function scopesFinding(
  discovered: Discovered,
  settings: SessionSettings,
  challenge: Challenge | undefined,
): HealthFinding {
  const { server } = discovered;
  const scope = selectScope({ configured: settings.scopes, challenged: challenge?.scope }, discovered);
  const asks =
    scope === undefined ? 'A login asks for no scope' : `A login asks for the scopes ${quoted(scope)}`;
  const known = server.scopes_supported;
  const strange = (settings.scopes ?? []).filter((name) => known && !known.includes(name));
  if (strange.length === 0) return ok('scopes', `${asks}.`);
  return warning(
    'scopes',
    `${asks}, and ${server.issuer} doesn't list ${strange.map(quoted).join(', ')}.`,
    'Check the scopes that are configured. A server need not list all of its scopes.',
  );
}
