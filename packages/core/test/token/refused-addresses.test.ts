import { expect, test } from '@jest/globals';
import { BlockedAddressError, MemoryTokenStore, UnsafeUrlError } from '@mcp-oauth/core';
import { RESOURCE, scene } from './scripted-server.js';

const refusals = [
  ['inwards', new BlockedAddressError('url', 'as.example', 'private')],
  ['to plain http', new UnsafeUrlError('url', 'it is plain http, which is for allowedOrigins only')],
] as const;

test.each(refusals)(
  'A05: a token endpoint that leads %s for a while costs no login, and nobody waits for a lease',
  async (_, refusal) => {
    const { server, session, another, expire, clock, events } = await scene();
    expire();
    server.onRefresh = (count) => (count === 1 ? refusal : server.tokens(count + 1));
    await expect(session.accessToken()).rejects.toMatchObject({ code: 'transient' });
    expect(events.at(-1)).toMatchObject({ type: 'refresh_failed', code: 'transient' });
    expect(await session.status()).toMatchObject({ state: 'logged_in' });
    clock.now += 60_000;
    expect(await another().accessToken()).toBe('access-3');
  },
);

test.each(refusals)(
  'A05: a server that names an endpoint %s is told of by the name of the field',
  async (_, refusal) => {
    const { server } = await scene();
    const oauth = server.client(new MemoryTokenStore(), {
      fetch: (url, init) =>
        String(url).includes('oauth-protected-resource') ? Promise.reject(refusal) : server.fetch(url, init),
    });
    const begin = oauth
      .session({ resource: RESOURCE })
      .beginAuthorization({ redirectUri: 'https://host.example/' });
    await expect(begin).rejects.toMatchObject({
      code: refusal.code,
      field: 'resource_metadata',
    });
  },
);
