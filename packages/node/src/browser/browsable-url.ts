import { UnsafeUrlError } from '@mcp-oauth/core';

const authorizationEndpoint = 'authorization_endpoint';
const maxLength = 8192;
const loopbackHosts = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Throws unless `url` may be shown to a person: https, or http on loopback. What a server names must never start
 * another program, open a file or reach a command line as something else than an address.
 *
 * @param field Where the server named it, for the message.
 */
export function assertBrowsable(url: URL, field = authorizationEndpoint): void {
  const loopback = url.protocol === 'http:' && loopbackHosts.includes(url.hostname);
  if (url.protocol !== 'https:' && !loopback)
    throw new UnsafeUrlError(field, 'it must begin with https://, or with http:// on this machine');
  if (url.username !== '' || url.password !== '')
    throw new UnsafeUrlError(field, 'it holds a user name or password');
  if (url.href.length > maxLength)
    throw new UnsafeUrlError(field, `it is longer than ${String(maxLength)} characters`);
  if (!/^https?:\/\/[\x21-\x7e]+$/.test(url.href))
    throw new UnsafeUrlError(field, 'it holds characters that no address has');
}

/** Quotes of any kind (the typographic ones percent-encoded), parentheses, the dollar sign and the backtick. */
const commandCharacters = /[$`'"()]|%E2%80%9[89A-F]/i;

/**
 * Throws where Windows could take a part of `url` for a command. Whatever opens a page there hands the address on as
 * one line of text, to programs that this one does not know.
 */
export function assertBrowsableOnWindows(url: URL): void {
  if (commandCharacters.test(url.href))
    throw new UnsafeUrlError(
      authorizationEndpoint,
      'on Windows it must not hold quotes, parentheses, $ or a backtick',
    );
}
