import type { PinnedServer } from '../credentials/credentials.js';
import { isSameIssuer } from '../discovery/issuer.js';
import { InvalidConfigError } from '../errors.js';
import { jsonObject } from '../http/json-object.js';
import type { JsonFields } from '../http/json-object.js';
import { fromBase64Url } from '../session-key/digest.js';
import { abortable } from '../time/sleep.js';
import type { AssertionRequest, AssertionSource } from './machine-grant.js';

const MAX_LENGTH = 32 * 1_024;
/** Signed (RFC 7515) or encrypted (RFC 7516), in the compact form. */
const COMPACT = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){2,4}$/;

/**
 * Asks a host for a JWT.
 *
 * @param name The setting that gives it, for the message.
 * @throws {InvalidConfigError} it gave something else.
 * @throws what the host's own code throws, as it is.
 */
export async function assertionOf(
  source: AssertionSource,
  request: AssertionRequest & { readonly signal: AbortSignal },
  name: string,
): Promise<string> {
  // A source that doesn't heed the signal must not hold up those who wait.
  const given: unknown = await abortable(Promise.resolve(source(request)), request.signal);
  if (isAssertion(given)) return given;
  throw new InvalidConfigError(`${name} gave no JWT for ${request.resource}.`);
}

export function isAssertion(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_LENGTH && COMPACT.test(value);
}

/** When a JWT ends, in Unix milliseconds. Only a hint, since nobody has verified it. `undefined` where it doesn't say. */
export function expiryOf(assertion: string): number | undefined {
  const exp = claimsOf(assertion)?.exp;
  return typeof exp === 'number' && Number.isFinite(exp) ? exp * 1_000 : undefined;
}

/**
 * A host's source may give the one JWT that it has, whomever that is for; and which server is asked for tokens, the MCP
 * server says. Another one that is shown it could use it (RFC 7523 section 3).
 *
 * @throws {InvalidConfigError} it is for somebody else, or nobody can read whom it is for.
 */
export function assertMeantFor(
  assertion: string,
  { issuer, token_endpoint }: PinnedServer,
  name: string,
): void {
  const aud = claimsOf(assertion)?.aud;
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  const isMeant = (audience: unknown): boolean =>
    typeof audience === 'string' && (isSameIssuer(audience, issuer) || audience === token_endpoint);
  if (audiences.some(isMeant)) return;
  throw new InvalidConfigError(
    `${name} gave a JWT whose audience (aud) is not ${issuer}, and it was not sent there. If that server takes it all the ` +
      'same, configure it as the issuer of the session.',
  );
}

function claimsOf(assertion: string): JsonFields | undefined {
  const bytes = fromBase64Url(assertion.split('.')[1] ?? '');
  return bytes && jsonObject(new TextDecoder().decode(bytes));
}
