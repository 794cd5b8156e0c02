import { parseChallenges } from '../protocol/challenge-parser.js';

/** What an MCP server says when it wants another token (RFC 6750 section 3, RFC 9728 section 5.1). */
export interface Challenge {
  readonly error?: string | undefined;
  readonly scope?: string | undefined;
  readonly resource_metadata?: string | undefined;
  /** Where it takes tokens that are bound to a key (RFC 9449 section 7.1). */
  readonly dpop?: DpopChallenge | undefined;
}

export interface DpopChallenge {
  /** The proof algorithms that it takes, where it says. */
  readonly algs?: readonly string[] | undefined;
  /** Whether it takes no bearer tokens beside them. */
  readonly isOnly: boolean;
}

const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/;
const MAX_SCOPES = 64;

const MAX_ALGORITHMS = 20;

/** Reads the Bearer and DPoP challenges of a response, wherever they stand among others. Empty where there are none. */
export async function challengeOf(response: Response): Promise<Challenge> {
  const header = response.headers.get('www-authenticate');
  if (header === null) return {};
  const challenges = await parseChallenges(header);
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer')?.parameters;
  const dpop = challenges.find(({ scheme }) => scheme === 'dpop')?.parameters;
  // Of two, the one that says what is wrong is about the token that was sent.
  const [first, second] = dpop && (!bearer || dpop.error !== undefined) ? [dpop, bearer] : [bearer, dpop];
  if (!first) return malformed(challenges.length === 0 ? header : '');
  return {
    error: first.error ?? second?.error,
    scope: validScope(first.scope) ?? validScope(second?.scope),
    resource_metadata: first.resource_metadata ?? second?.resource_metadata,
    dpop: dpop && { algs: algorithms(dpop.algs), isOnly: !bearer },
  };
}

/** Servers that leave the quotes out make the whole header malformed. An address is worth finding all the same. */
function malformed(header: string): Challenge {
  const scheme = /^(bearer|dpop)\s/i.exec(header)?.[1];
  if (scheme === undefined) return {};
  const address = /\bresource_metadata="?([^\s",]+)/i.exec(header)?.[1];
  return {
    ...(address === undefined ? {} : { resource_metadata: address }),
    ...(scheme.toLowerCase() === 'dpop' ? { dpop: { isOnly: false } } : {}),
  };
}

function algorithms(algs: string | undefined): readonly string[] | undefined {
  return algs?.split(' ').filter(Boolean).slice(0, MAX_ALGORITHMS);
}

/** `undefined` for what is no scope (RFC 6749 section 3.3), or one of senseless length. */
function validScope(scope: string | undefined): string | undefined {
  if (scope === undefined || !SCOPE.test(scope)) return undefined;
  return scope.split(' ').length > MAX_SCOPES ? undefined : scope;
}
