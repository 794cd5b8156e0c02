import { TokenRequestError } from '../errors.js';
import { safeUrl } from '../http/safe-url.js';
import type { UserCode } from '../ports/device-prompt.js';
import type { DeviceAuthorizationResponse } from '../protocol/device-authorization-endpoint.js';

/** What a person can read and type (RFC 8628 section 6.1): visible characters, single blanks between them, not many. */
const USER_CODE = /^(?=.{1,64}$)[\x21-\x7e]+(?: [\x21-\x7e]+)*$/;

export const DEVICE_AUTHORIZATION_ENDPOINT = 'device authorization endpoint';

/**
 * What a person is shown, of an answer that anybody may have written: no control characters that would rewrite their
 * terminal, and no address that opens something else than a page.
 *
 * @throws {TokenRequestError} the code is none that a person could type.
 * @throws {UnsafeUrlError}
 */
export function shownCode(
  { resource, issuer }: { readonly resource: string; readonly issuer: string },
  answer: Pick<DeviceAuthorizationResponse, 'userCode' | 'verificationUri' | 'verificationUriComplete'>,
  expiresAt: Date,
): UserCode {
  if (!USER_CODE.test(answer.userCode)) {
    throw new TokenRequestError(issuer, 'gave no code that a person could type', {
      endpoint: DEVICE_AUTHORIZATION_ENDPOINT,
    });
  }
  const verificationUri = safeUrl(answer.verificationUri, 'verification_uri');
  const complete =
    answer.verificationUriComplete === undefined
      ? undefined
      : safeUrl(answer.verificationUriComplete, 'verification_uri_complete');
  return {
    resource,
    issuer,
    userCode: answer.userCode,
    verificationUri,
    // Nobody can read where a QR code leads: to the page whose address stands beside it, or it is not shown.
    verificationUriComplete: complete?.origin === verificationUri.origin ? complete : undefined,
    expiresAt,
  };
}
