import { UnsafeUrlError } from '@mcp-oauth/core';
import { allowedUrl } from './allowed-url.js';
import type { OutgoingRequest } from './outgoing-request.js';

/** What another origin may know. Everything else could be a credential, whatever its name. */
const FOR_ANY_ORIGIN = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'mcp-protocol-version',
  'user-agent',
]);
const OF_THE_BODY = ['content-encoding', 'content-language', 'content-location', 'content-type'];

export function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/**
 * The request that a redirect asks for (Fetch standard, HTTP-redirect fetch).
 *
 * @throws {UnsafeUrlError | BlockedAddressError}
 */
export function redirected(
  request: OutgoingRequest,
  status: number,
  location: string,
  allowedOrigins: ReadonlySet<string>,
): OutgoingRequest {
  const url = allowedUrl(location, 'location', allowedOrigins, request.url);
  if (request.url.protocol === 'https:' && url.protocol !== 'https:') {
    throw new UnsafeUrlError('location', 'it leads from https to plain http');
  }
  const isOther = url.origin !== request.url.origin;
  const becomesGet = status === 303 ? request.method !== 'HEAD' : status < 303 && request.method === 'POST';
  const { method, body } = becomesGet ? { method: 'GET', body: null } : request;
  if (isOther && body !== null) {
    throw new UnsafeUrlError('location', 'it would send the body of the request to another origin');
  }
  const headers = new Headers(request.headers);
  for (const name of becomesGet ? OF_THE_BODY : []) headers.delete(name);
  if (isOther) for (const name of [...headers.keys()]) if (!FOR_ANY_ORIGIN.has(name)) headers.delete(name);
  return { url, field: 'location', method, headers, body };
}
