import { isTransient } from '../http/oauth-http.js';
import type { OAuthHttp } from '../http/oauth-http.js';

export type MetadataFields = Readonly<Record<string, unknown>>;

/** `absent` the server has no such document · `unusable` it answered with something else. */
export type FetchedMetadata =
  | { readonly outcome: 'found'; readonly fields: MetadataFields }
  | { readonly outcome: 'absent' | 'unusable'; readonly why: string };

/**
 * Fetches one metadata document. Trouble on the way is an error, never "absent": a server that is down for a moment
 * must not look like one that needs another kind of login.
 *
 * @throws {TransientError | LimitExceededError | UnsafeUrlError}
 */
export async function fetchMetadata(
  http: OAuthHttp,
  url: URL,
  field: string,
  signal: AbortSignal | undefined,
): Promise<FetchedMetadata> {
  const response = await http.getMetadata(url, field, signal);
  const why = `status ${String(response.status)}`;
  if (isTransient(response.status)) return { outcome: 'unusable', why };
  if (response.status !== 200) return { outcome: 'absent', why };
  const fields = jsonObject(response.body);
  return fields ? { outcome: 'found', fields } : { outcome: 'unusable', why: 'no JSON object' };
}

function jsonObject(text: string): MetadataFields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as MetadataFields)
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const MAX_ITEMS = 100;

export function textField(fields: MetadataFields, name: string): string | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The first 100 texts of a list; `undefined` for no list. */
export function listField(fields: MetadataFields, name: string): readonly string[] | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, MAX_ITEMS).filter((item): item is string => typeof item === 'string');
}
