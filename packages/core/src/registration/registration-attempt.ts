import type { ClientInformation } from '../credentials/credentials.js';
import { RegistrationError } from '../errors.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import { registerClient } from '../protocol/registration-endpoint.js';
import { DEVICE_CODE_GRANT } from './dynamic-registration.js';
import type { RegistrationRequest } from './dynamic-registration.js';

export interface RegistrationTarget {
  readonly issuer: string;
  readonly registration_endpoint: string;
}

/**
 * Registers (RFC 7591), and where the server refuses our redirect addresses for this `application_type`, once more with
 * the other one: servers don't agree about what is native (MCP authorization, "Application Type and Redirect URI
 * Constraints"). Where it gives nobody the device grant, the client does without.
 *
 * @throws {RegistrationError} that says what a person can do.
 * @throws {TransientError}
 */
export async function register(
  http: OAuthHttp,
  target: RegistrationTarget,
  request: RegistrationRequest,
): Promise<ClientInformation> {
  try {
    return await registerClient(http, target, request);
  } catch (error) {
    if (!(error instanceof RegistrationError)) throw error;
    if (isAboutDeviceGrant(error, request)) return await register(http, target, withoutDeviceGrant(request));
    if (!isAboutType(error)) throw advised(error);
    try {
      return await registerClient(http, target, otherType(request));
    } catch (second) {
      if (!(second instanceof RegistrationError)) throw second;
      const asked = request.redirect_uris.join(', ');
      throw advised(error, `It was asked for ${asked} as a native and as a web application. `);
    }
  }
}

function isAboutType({ error, problem }: RegistrationError): boolean {
  if (error === 'invalid_redirect_uri') return true;
  return error === 'invalid_client_metadata' && /application_type|redirect/i.test(problem);
}

function isAboutDeviceGrant({ error, problem }: RegistrationError, request: RegistrationRequest): boolean {
  if (!request.grant_types.includes(DEVICE_CODE_GRANT)) return false;
  return /grant/i.test(problem) || (error === 'invalid_client_metadata' && !/redirect|type/i.test(problem));
}

function withoutDeviceGrant(request: RegistrationRequest): RegistrationRequest {
  return { ...request, grant_types: request.grant_types.filter((name) => name !== DEVICE_CODE_GRANT) };
}

function otherType(request: RegistrationRequest): RegistrationRequest {
  return { ...request, application_type: request.application_type === 'native' ? 'web' : 'native' };
}

function advised({ issuer, problem, error }: RegistrationError, asked = ''): RegistrationError {
  const byHand = 'Else register this client there by hand and configure its clientId';
  return new RegistrationError(issuer, `${problem}. ${asked}${byHand}`, error);
}
