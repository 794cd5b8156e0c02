import type { FetchLike } from '@mcp-oauth/core';
import type { AuthConfig } from '../configuration/schema.js';

const DEFAULT_KEY_HEADER = 'X-API-Key';

type StaticAuth = Exclude<AuthConfig, { readonly type: 'oauth' }>;

/**
 * A `fetch` that carries configured headers and credentials to the server's own origin and nowhere else. Redirects are
 * handed back: the transport follows those within the origin, and calls again.
 */
export function staticFetch(
  url: string,
  headers: Readonly<Record<string, string>> | undefined,
  auth: StaticAuth | undefined,
  fetch: FetchLike,
): FetchLike {
  const { origin } = new URL(url);
  const credentials = auth && credentialHeader(auth);
  return (target, init = {}) => {
    if (new URL(target).origin !== origin) return fetch(target, init);
    const merged = new Headers(init.headers);
    for (const [name, value] of Object.entries(headers ?? {})) merged.set(name, value);
    if (credentials) merged.set(...credentials);
    return fetch(target, {
      ...init,
      headers: merged,
      redirect: init.redirect === 'error' ? 'error' : 'manual',
    });
  };
}

function credentialHeader(auth: StaticAuth): readonly [string, string] {
  switch (auth.type) {
    case 'bearer':
      return ['authorization', `Bearer ${auth.token}`];
    case 'basic':
      return [
        'authorization',
        `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`,
      ];
    case 'apiKey':
      return [auth.header ?? DEFAULT_KEY_HEADER, auth.key];
  }
}
