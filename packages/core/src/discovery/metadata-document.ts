import { DiscoveryError, TransientError } from '../errors.js';
import type { BoundedResponse } from '../http/bounded-request.js';
import { jsonObject } from '../http/json-object.js';
import type { JsonFields } from '../http/json-object.js';
import { isOverloaded, isTransient } from '../http/oauth-http.js';
import type { OAuthHttp } from '../http/oauth-http.js';

export interface MetadataSearch {
  readonly urls: readonly URL[];
  /** Which metadata field named the addresses. */
  readonly field: string;
  /** Who is asked and what for, for messages. */
  readonly who: string;
  readonly what: string;
  readonly resource: string;
  /** Whether no document at all is an error too. */
  readonly required: boolean;
}

export interface FoundMetadata {
  readonly fields: JsonFields;
  /** The address that it was asked for at. */
  readonly url: URL;
}

/**
 * The first metadata document at these addresses, and `undefined` where the server has none. Trouble on the way is an
 * error, never "none": a server that is down for a moment must not look like one that needs another kind of login.
 *
 * @throws {TransientError | DiscoveryError | LimitExceededError | UnsafeUrlError}
 */
export async function findMetadata(
  http: OAuthHttp,
  { urls, field, who, what, resource, required }: MetadataSearch,
  signal: AbortSignal | undefined,
): Promise<FoundMetadata | undefined> {
  const tried: string[] = [];
  const responses: BoundedResponse[] = [];
  for (const url of urls) {
    const response = await http.getMetadata(url, field, signal);
    const fields = response.status === 200 ? jsonObject(response.body) : undefined;
    if (fields) return { fields, url };
    const why = response.status === 200 ? 'no JSON object' : `status ${String(response.status)}`;
    tried.push(`${url.href} (${why})`);
    responses.push(response);
  }
  if (!required && responses.every(isAbsent)) return undefined;
  if (responses.some(({ status }) => isOverloaded(status))) {
    throw new TransientError(`${who} can't give its metadata now. Tried ${tried.join('; ')}.`);
  }
  throw new DiscoveryError(resource, `${what} is of no use`, tried);
}

function isAbsent({ status }: BoundedResponse): boolean {
  return status !== 200 && !isTransient(status);
}

const MAX_ITEMS = 100;

export function textField(fields: JsonFields, name: string): string | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The first 100 texts of a list; `undefined` for no list. */
export function listField(fields: JsonFields, name: string): readonly string[] | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, MAX_ITEMS).filter((item): item is string => typeof item === 'string');
}
