import { validateAuthResponse } from 'oauth4webapi';
import { CallbackRejectedError } from '../errors.js';
import { judged } from './protocol-failure.js';

declare const checked: unique symbol;

/** The parameters of an authorization response that passed every check. Nothing else reaches a token endpoint. */
export interface AuthorizationCode {
  readonly parameters: URLSearchParams;
  readonly [checked]: true;
}

export interface ExpectedResponse {
  readonly state: string;
  readonly issuer: string;
  readonly clientId: string;
  /** Whether the server announced `authorization_response_iss_parameter_supported` (RFC 9207 section 3). */
  readonly issAnnounced: boolean;
}

const SINGLE = ['state', 'code', 'error', 'error_description', 'error_uri', 'iss'];

/** @throws {CallbackRejectedError} for a response that repeats a parameter (RFC 6749 section 3.1). */
export function assertNoDuplicates(parameters: URLSearchParams): void {
  for (const name of SINGLE) {
    if (parameters.getAll(name).length > 1) throw new CallbackRejectedError('duplicate_parameter');
  }
}

/**
 * RFC 6749 section 4.1.2 and RFC 9207 section 2.4. The reasons are told apart here, the engine judges once more.
 *
 * @throws {CallbackRejectedError} for a response that is not this flow's: nothing of it may be acted on or shown.
 * @throws {ProtocolFailure} `refused` for the server's own error.
 */
export async function authorizationCode(
  parameters: URLSearchParams,
  expected: ExpectedResponse,
): Promise<AuthorizationCode> {
  assertNoDuplicates(parameters);
  const iss = parameters.get('iss');
  if (iss !== null && iss !== expected.issuer) throw new CallbackRejectedError('iss_mismatch');
  if (iss === null && expected.issAnnounced) throw new CallbackRejectedError('iss_missing');
  if (!parameters.has('code') && !parameters.has('error')) throw new CallbackRejectedError('missing_code');
  const server = {
    issuer: expected.issuer,
    authorization_response_iss_parameter_supported: expected.issAnnounced,
  };
  const validated = await judged(() =>
    validateAuthResponse(server, { client_id: expected.clientId }, parameters, expected.state),
  );
  return { parameters: validated } as AuthorizationCode;
}
