import { BlockedAddressError, LimitExceededError } from '@mcp-oauth/core';
import type { UrlField } from './allowed-url.js';
import { BlockedResolution } from './checked-lookup.js';

/**
 * What the caller gets for an error of the network: a `TypeError` as from `fetch`, with the errno code at its cause.
 * The error itself stays here: undici's and Node's quote what was sent and received.
 */
export function networkFailure(error: unknown, url: URL, field: UrlField): Error {
  if (error instanceof BlockedResolution) {
    return new BlockedAddressError(field, url.hostname, error.reason);
  }
  const code = codeOf(error);
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new LimitExceededError(`The headers of ${url.host}`, '32 KiB');
  }
  if (error instanceof Error && error.name === 'HTTPParserError') {
    return failed(`${url.host} answered with something that is not HTTP`, code);
  }
  return failed(`${url.host} could not be reached, or broke off`, code);
}

export function failed(message: string, code?: string): TypeError {
  if (code === undefined) return new TypeError(`${message}.`);
  return new TypeError(`${message} (${code}).`, { cause: Object.assign(new Error(code), { code }) });
}

function codeOf(error: unknown): string | undefined {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code) ? code : undefined;
}
