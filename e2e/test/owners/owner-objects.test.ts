import { expect, test } from '@jest/globals';
import { WebHost } from '../authorization/web-host.js';

const alice = { tenant: 'acme', user: 'alice' };
const bob = { tenant: 'acme', user: 'bob' };

async function bothLoggedIn(host: WebHost): Promise<readonly string[]> {
  const tokens = [];
  for (const owner of [alice, bob]) {
    const session = host.oauth.session({ resource: host.mcp.url, owner });
    const { callback, binding } = await host.consented(session);
    await host.oauth.completeAuthorization(callback, { owner, binding });
    tokens.push(await session.accessToken());
  }
  return tokens;
}

test("a session stays its owner's when the host changes the object that it named them by", () =>
  WebHost.run(async (host) => {
    const [alices] = await bothLoggedIn(host);
    const owner = { ...alice };
    const session = host.oauth.session({ resource: host.mcp.url, owner });
    owner.user = 'bob';
    expect((await session.accessToken()) === alices).toBe(true);
    expect(session.key.owner).toEqual(alice);
  }));

test('a host that changes such an object while a call is under way gives nobody the login of another one', () =>
  WebHost.run(async (host) => {
    const [alices] = await bothLoggedIn(host);
    // Nobody is in memory any more.
    await Promise.all(
      Array.from({ length: 1_500 }, (_, index) => host.sessionOf(`passer-by-${String(index)}`).status()),
    );
    const owner = { ...alice };
    const first = host.oauth.session({ resource: host.mcp.url, owner }).accessToken();
    owner.user = 'bob';
    expect((await first) === alices).toBe(true);
    const next = host.oauth.session({ resource: host.mcp.url, owner: alice });
    expect((await next.accessToken()) === alices).toBe(true);
  }));

test('who is forgotten is whoever was named at the call', () =>
  WebHost.run(async (host) => {
    await bothLoggedIn(host);
    const owner = { ...alice };
    const forgotten = host.oauth.forgetOwner({ owner });
    owner.user = 'bob';
    await forgotten;
    expect(await host.oauth.sessions({ owner: alice })).toEqual([]);
    expect(await host.oauth.sessions({ owner: bob })).toHaveLength(1);
  }));
