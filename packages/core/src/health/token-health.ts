import { selectScope } from '../authorization/scope.js';
import type { Challenge } from '../discovery/challenge.js';
import type { Discovered } from '../discovery/discovery.js';
import { quoted } from '../errors.js';
import type { SessionSettings } from '../session/session-settings.js';
import type { DpopChoice } from '../dpop/dpop-choice.js';
import { ok, troubled, warning } from './findings.js';
import type { Outcome } from './findings.js';
import type { HealthFinding } from './health-report.js';

/** What the tokens of a login would be like: their scopes, and whether they are bound to a key. */
export function tokenHealth(
  resource: string,
  discovered: Discovered,
  settings: SessionSettings,
  challenge: Challenge | undefined,
  binding: Outcome<DpopChoice | undefined>,
): readonly HealthFinding[] {
  return [dpopFinding(resource, discovered, binding), scopesFinding(discovered, settings, challenge)];
}

function dpopFinding(
  resource: string,
  { server, dpop_signing_alg_values_supported: atResource }: Discovered,
  binding: Outcome<DpopChoice | undefined>,
): HealthFinding {
  if (!binding.ok) return troubled('dpop', binding.trouble, 'Tell whoever runs the MCP server.');
  if (binding.value) {
    const { alg, isRequired } = binding.value;
    const wants = isRequired ? 'takes only' : 'takes';
    return ok(
      'dpop',
      `${resource} ${wants} tokens that are bound to a key (DPoP), which a login uses with ${alg}.`,
    );
  }
  const offers = [
    ...(atResource ? [resource] : []),
    ...(server.dpop_signing_alg_values_supported ? [server.issuer] : []),
  ];
  const who =
    offers.length === 0 ? 'No server offers DPoP' : `${offers.join(' and ')} offers DPoP, which is not used`;
  return ok('dpop', `${who}: tokens are bearer tokens.`);
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
