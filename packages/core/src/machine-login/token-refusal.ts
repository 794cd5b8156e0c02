import type { TokenRefusal } from '../credentials/credentials.js';
import { TokenRequestError, TransientError } from '../errors.js';
import { ProtocolFailure } from '../protocol/protocol-failure.js';

/** What a server says that is in trouble itself (RFC 6749 section 4.1.2.1, which some send from here too). */
const PASSING = ['temporarily_unavailable', 'server_error', 'slow_down'];

/**
 * Waits for a token request and says how it failed: for good, or for a while.
 *
 * @param what Was refused, for the message: `the client`, `the assertion`.
 * @throws {TokenRequestError | TransientError}
 */
export async function requested<T>(issuer: string, what: string, request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    if (!(error instanceof ProtocolFailure)) throw error;
    const { kind, error: code, status } = error;
    if (kind === 'unreadable' || (code !== undefined && PASSING.includes(code))) {
      throw new TransientError(
        `The token endpoint of ${issuer} gave ${code ?? 'something that is no token response'}.`,
      );
    }
    const problem = kind === 'refused' ? `refused ${what}` : 'gave no usable token response';
    throw tokenRefused({ issuer, problem, error: code, status });
  }
}

export function tokenRefused({ issuer, problem, error, status }: TokenRefusal, hint = ''): TokenRequestError {
  const named = error === undefined ? problem : `${problem} (${error})`;
  return new TokenRequestError(issuer, named + hint, {
    ...(error === undefined ? {} : { error }),
    ...(status === undefined ? {} : { status }),
  });
}
