import { expect, test } from '@jest/globals';
import { OAuthClientError } from '@mcp-oauth/core';
import { LeakOracle } from '@mcp-oauth/e2e';
import { isUnauthorized } from '../step-up/support/provider-hosts.js';
import { clientKinds, TwoServers, verifiersAt } from './support/two-servers.js';
import type { ClientKind } from './support/two-servers.js';
import { ways } from './support/ways.js';
import type { Way } from './support/ways.js';

const moments = [
  'never',
  'before authorize',
  'between authorize and callback',
  'between callback and exchange',
  'after the exchange, before a refresh',
  'during a refresh',
  'before a step-up',
  'before revoking',
] as const;
type Moment = (typeof moments)[number];

/** A whole life of a login, in which the MCP server swaps its authorization server at one moment. */
async function live(servers: TwoServers, way: Way, swapAt: Moment): Promise<readonly unknown[]> {
  const { honest, mcp } = servers;
  const errors: unknown[] = [];
  const reach = (moment: Moment): void => {
    if (moment === swapAt) servers.swap();
  };
  const step = async (act: () => Promise<unknown>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof OAuthClientError) && !isUnauthorized(error)) throw error;
      errors.push(error);
    }
  };
  const logIn = async (isFirst: boolean): Promise<void> => {
    await step(() => way.authorize());
    if (isFirst) reach('between authorize and callback');
    await step(() => way.consent());
    if (isFirst) reach('between callback and exchange');
    await step(() => way.exchange());
  };

  reach('before authorize');
  await logIn(true);
  await step(() => way.call('whoami'));
  reach('after the exchange, before a refresh');
  honest.expireAccessTokens();
  honest.behaviour.tokenLatencyMs = swapAt === 'during a refresh' ? 100 : 0;
  const refreshing = step(() => way.call('whoami'));
  await new Promise((resolve) => setTimeout(resolve, swapAt === 'during a refresh' ? 50 : 0));
  reach('during a refresh');
  await refreshing;
  honest.behaviour.tokenLatencyMs = 0;
  await step(() => way.call('whoami'));
  reach('before a step-up');
  mcp.behaviour.missingScope = (operation, granted) =>
    operation === 'tools/call add' && !granted.includes('mcp:add') ? 'mcp:add' : undefined;
  await step(() => way.call('add'));
  await logIn(false);
  await step(() => way.call('add'));
  reach('before revoking');
  await step(() => way.session.revoke());
  return errors;
}

const rows = ways.flatMap(([name, way]) => clientKinds.map((kind) => [name, kind, way] as const));

/** Everything that must not come to the wrong server comes to the right one, so that there is something to show. */
function expectWholeLife({ honest, evil }: TwoServers): void {
  const asked = honest.log().filter(({ outcome }) => outcome === 'ok');
  const logins = asked.filter(
    ({ endpoint, grantType }) => endpoint === 'token' && grantType !== 'refresh_token',
  );
  expect(logins).toHaveLength(2);
  expect(asked.filter(({ grantType }) => grantType === 'refresh_token')).not.toHaveLength(0);
  expect(asked.filter(({ endpoint }) => endpoint === 'revoke')).not.toHaveLength(0);
  const codes = logins.filter(({ grantType }) => grantType === 'authorization_code');
  expect(verifiersAt(honest)).toHaveLength(codes.length);
  const shown = new LeakOracle(honest.secrets()).findIn(honest.received().join('\n'));
  expect(shown.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining([codes.length > 0 ? 'code' : 'device', 'refresh', 'access']),
  );
  expect(evil.received()).toEqual([]);
}

/** Whoever was registered by hand without an issuer, and has never logged in, trusts the first that is named. */
function isTrustOnFirstUse(kind: ClientKind, moment: Moment): boolean {
  return kind === 'registered by hand, its issuer remembered' && moment === 'before authorize';
}

test.each(rows)(
  'A55, A67: %s: a client %s shows nothing of its server to one that is swapped in, whenever that is',
  async (_, kind, wayOf) => {
    const stories = moments
      .filter((moment) => !isTrustOnFirstUse(kind, moment))
      .map((moment) =>
        TwoServers.run(kind, async (servers) => {
          const errors = await live(servers, wayOf(servers), moment);
          expect([moment, servers.leaked()]).toEqual([moment, []]);
          for (const error of errors) expect(String(error)).not.toContain('invalid_grant');
          expect(servers.honest.families().map(({ revoked }) => revoked)).not.toContain('reuse');
          const isByHand = kind.startsWith('registered by hand');
          if (moment === 'never') expectWholeLife(servers);
          if (isByHand) expect(servers.evil.counts()).toMatchObject({ authorize: 0, token: 0, register: 0 });
          // The evil server would have been told, had there been anything to tell.
          const isLoginLeft = !isByHand && ['before authorize', 'before a step-up'].includes(moment);
          if (isLoginLeft) expect(servers.evil.counts().token).toBeGreaterThan(0);
        }),
      );
    await Promise.all(stories);
  },
  40_000,
);

test.each(ways)(
  'A67: %s: a client by hand that was used is not shown to another issuer by a new login',
  (_, wayOf) =>
    TwoServers.run('registered by hand, its issuer remembered', async (servers) => {
      const way = wayOf(servers);
      for (const act of [way.authorize, way.consent, way.exchange]) await act();
      await way.session.revoke();
      servers.swap();
      const later = wayOf(servers);
      await expect(later.authorize()).rejects.toMatchObject({ code: 'issuer_mismatch' });
      expect(servers.leaked()).toEqual([]);
      expect(servers.evil.received()).toEqual([]);
    }),
);
