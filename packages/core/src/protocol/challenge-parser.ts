import { processRevocationResponse, WWWAuthenticateChallengeError } from 'oauth4webapi';

export interface ParsedChallenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string | undefined>>;
}

/**
 * All challenges of a `WWW-Authenticate` header (RFC 9110 section 11.6.1); none where it is malformed.
 *
 * The engine exports no parser of its own; any of its response functions runs it, and has the result in its error.
 */
export async function parseChallenges(header: string): Promise<readonly ParsedChallenge[]> {
  const response = new Response(null, { status: 401, headers: { 'www-authenticate': header } });
  try {
    await processRevocationResponse(response);
  } catch (error) {
    if (error instanceof WWWAuthenticateChallengeError) {
      return error.cause.map(({ scheme, parameters }) => ({ scheme, parameters: { ...parameters } }));
    }
    if (!(error instanceof Error) || !('code' in error)) throw error;
  }
  return [];
}
