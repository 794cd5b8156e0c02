import type { Challenge } from '../discovery/challenge.js';
import type { Discovered } from '../discovery/discovery.js';
import { DpopUnsupportedError } from '../errors.js';
import type { DpopUnsupportedReason } from '../errors.js';

export interface DpopChoiceRequest {
  readonly resource: string;
  readonly challenge: Challenge | undefined;
  readonly discovered: Discovered;
  /** What this side can sign, dearest first, or why it signs nothing. */
  readonly ours: readonly string[] | DpopUnsupportedReason;
}

export interface DpopChoice {
  readonly alg: string;
  /** Whether the MCP server takes no other tokens. */
  readonly isRequired: boolean;
}

/**
 * Whether tokens are to be bound to a key (RFC 9449), and with which algorithm: where the MCP server offers it, the
 * authorization server does too, and all three know an algorithm. `undefined`: bearer tokens.
 *
 * @throws {DpopUnsupportedError} the MCP server takes nothing else, and it can't be done.
 */
export function chooseDpop({
  resource,
  challenge,
  discovered,
  ours,
}: DpopChoiceRequest): DpopChoice | undefined {
  const listed = nonEmpty(challenge?.dpop?.algs) ?? nonEmpty(discovered.dpop_signing_alg_values_supported);
  const isRequired =
    discovered.dpop_bound_access_tokens_required === true || challenge?.dpop?.isOnly === true;
  if (!listed && !isRequired && !challenge?.dpop) return undefined;
  const instead = (reason: DpopUnsupportedReason): DpopChoice | undefined => {
    if (isRequired) throw new DpopUnsupportedError(resource, reason);
    return undefined;
  };
  if (typeof ours === 'string') return instead(ours);
  const { dpop_signing_alg_values_supported: issued } = discovered.server;
  if (!nonEmpty(issued)) return instead('not_offered');
  const isKnown = (name: string): boolean =>
    (issued?.includes(name) ?? false) && (listed?.includes(name) ?? true);
  const alg = ours.flatMap(namesOf).find(isKnown);
  return alg === undefined ? instead('no_common_algorithm') : { alg, isRequired };
}

/** An Ed25519 signature has two names (RFC 8037, RFC 9864). */
function namesOf(alg: string): readonly string[] {
  return alg === 'EdDSA' || alg === 'Ed25519' ? ['EdDSA', 'Ed25519'] : [alg];
}

function nonEmpty(list: readonly string[] | undefined): readonly string[] | undefined {
  return list && list.length > 0 ? list : undefined;
}
