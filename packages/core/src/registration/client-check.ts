import { OAuthClientError } from '../errors.js';
import { ProtocolFailure } from '../protocol/protocol-failure.js';
import type { AuthenticatedRequest } from '../protocol/client-authentication.js';
import type { TokenEndpoint } from '../protocol/token-endpoint.js';
import { randomToken } from '../session-key/digest.js';

const TIMEOUT_MS = 5_000;

/**
 * Whether an authorization server still knows a client. One that doesn't shows the person an error page and never sends
 * them back (RFC 6749 section 4.1.2.1), so it is asked at the token endpoint, with a refresh token that nobody ever had:
 * `invalid_client` comes before `invalid_grant` (section 5.2).
 *
 * @returns `undefined` where the answer doesn't tell.
 */
export async function isClientKnown(
  endpoint: TokenEndpoint,
  request: AuthenticatedRequest,
): Promise<boolean | undefined> {
  try {
    await endpoint.refresh({
      ...request,
      refreshToken: randomToken(),
      resourceIndicator: undefined,
      timeoutMs: TIMEOUT_MS,
    });
  } catch (error) {
    if (error instanceof ProtocolFailure) {
      if (error.error === 'invalid_client') return false;
      if (error.error === 'invalid_grant') return true;
    } else if (!(error instanceof OAuthClientError)) throw error;
  }
  return undefined;
}
