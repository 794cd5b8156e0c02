import { parseChallenges } from '../protocol/challenge-parser.js';

/** What an MCP server says when it wants another token (RFC 6750 section 3, RFC 9728 section 5.1). */
export interface Challenge {
  readonly error?: string | undefined;
  readonly scope?: string | undefined;
  readonly resource_metadata?: string | undefined;
}

const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/;
const MAX_SCOPES = 64;

/** Reads the Bearer challenge of a response, wherever it stands among others. Empty where there is none. */
export async function challengeOf(response: Response): Promise<Challenge> {
  const header = response.headers.get('www-authenticate');
  if (header === null) return {};
  const challenges = await parseChallenges(header);
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer')?.parameters;
  // Servers that leave the quotes out make the whole header malformed. An address is worth finding all the same.
  if (!bearer) {
    const address =
      challenges.length === 0 &&
      /^bearer\s/i.test(header) &&
      /\bresource_metadata="?([^\s",]+)/i.exec(header);
    return address ? { resource_metadata: address[1] } : {};
  }
  return {
    error: bearer.error,
    scope: validScope(bearer.scope),
    resource_metadata: bearer.resource_metadata,
  };
}

/** `undefined` for what is no scope (RFC 6749 section 3.3), or one of senseless length. */
function validScope(scope: string | undefined): string | undefined {
  if (scope === undefined || !SCOPE.test(scope)) return undefined;
  return scope.split(' ').length > MAX_SCOPES ? undefined : scope;
}
