import type { TokenRefusal } from '../credentials/credentials.js';
import { TokenRequestError, TransientError } from '../errors.js';
import { ProtocolFailure } from '../protocol/protocol-failure.js';

/** What a server says that is in trouble itself (RFC 6749 section 4.1.2.1, which some send from here too). */
const PASSING = ['temporarily_unavailable', 'server_error', 'slow_down'];

const ADVICE: Readonly<Record<string, string>> = {
  invalid_client: 'Check its clientId, and its secret or key',
  unauthorized_client: 'Allow this grant type for the client there',
  unsupported_grant_type: 'It has no such grant',
  invalid_scope: 'Check the scopes that are asked for',
  invalid_grant: 'Check whom and how long the assertion is good for, and that its issuer is trusted there',
};

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
  const advice = error !== undefined && Object.hasOwn(ADVICE, error) ? `. ${ADVICE[error] ?? ''}` : '';
  return new TokenRequestError(issuer, named + hint + advice, {
    ...(error === undefined ? {} : { error }),
    ...(status === undefined ? {} : { status }),
  });
}
