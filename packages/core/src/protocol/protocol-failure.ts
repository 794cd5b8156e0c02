import {
  AuthorizationResponseError,
  OperationProcessingError,
  ResponseBodyError,
  UnsupportedOperationError,
} from 'oauth4webapi';

/**
 * `refused` the server said no and named an error · `unreadable` the answer is no JSON · `malformed` it is, but not
 * what the specification asks for.
 */
export type ProtocolFailureKind = 'refused' | 'unreadable' | 'malformed';

/** What remains of an error of the protocol engine: its own causes hold tokens, so nothing of them is kept. */
export class ProtocolFailure extends Error {
  readonly kind: ProtocolFailureKind;
  readonly error: string | undefined;
  readonly status: number | undefined;

  constructor(
    kind: ProtocolFailureKind,
    details: { error?: string | undefined; status?: number | undefined } = {},
  ) {
    super(kind);
    this.name = 'ProtocolFailure';
    this.kind = kind;
    this.error = details.error;
    this.status = details.status;
  }
}

/** Runs a call of the protocol engine and lets none of its own errors out. */
export async function judged<T>(call: () => Promise<T> | T): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ResponseBodyError) {
      throw new ProtocolFailure('refused', { error: errorCode(error.error), status: error.status });
    }
    if (error instanceof AuthorizationResponseError) {
      throw new ProtocolFailure('refused', { error: errorCode(error.error) });
    }
    if (error instanceof OperationProcessingError || error instanceof UnsupportedOperationError) {
      throw new ProtocolFailure('malformed');
    }
    throw error;
  }
}

/** An error code as far as it is one: a server could echo anything there. */
function errorCode(value: string): string {
  return /^[a-z][a-z_]{1,60}$/.test(value) ? value : 'unknown_error';
}
