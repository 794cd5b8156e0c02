import { InvalidConfigError } from '../errors.js';

const MAX_LENGTH = 2_048;

/**
 * Checks the address of a client metadata document, which is the `client_id` too and is compared as text everywhere
 * (draft-ietf-oauth-client-id-metadata-document-00 section 3, MCP authorization, "Client ID Metadata Documents"). A
 * query is allowed and better left out.
 *
 * @param name How the host calls it, for the message.
 * @throws {InvalidConfigError}
 */
export function assertClientMetadataUrl(value: string, name: string): void {
  const problem = problemOf(value);
  if (problem !== undefined) throw new InvalidConfigError(`${name} can't be a client_id: ${problem}.`);
}

function problemOf(value: string): string | undefined {
  const url = URL.parse(value);
  if (!url) return 'it is not a URL';
  if (value.length > MAX_LENGTH) return `it has more than ${String(MAX_LENGTH)} characters`;
  if (url.protocol !== 'https:') return 'it must begin with https://';
  if (url.username !== '' || url.password !== '') return 'it has credentials in it';
  if (value.includes('#')) return 'it has a fragment';
  if (url.pathname === '/') return 'it needs a path, such as /client.json';
  // Upper case, default ports, dot segments and blanks: servers would fetch one text and compare another.
  if (url.href !== value) return `it is not in its normal form, which is ${url.href}`;
  return undefined;
}
