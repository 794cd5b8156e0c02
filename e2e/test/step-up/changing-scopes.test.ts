import { expect, test } from '@jest/globals';
import { expectNoLeaks, ScriptedBrowser } from '@mcp-oauth/e2e';
import { failure, neverContent, reactions, stepUpScene, stubborn } from './support/step-up-scene.js';
import { wires } from './support/wires.js';

const every = wires.flatMap((wire) =>
  Object.entries(reactions).map(([name, react]) => [wire.name, name, wire, react] as const),
);

test.each(every)(
  'A78: %s: a server that asks for another scope each time gets one consent by %s, and a typed error',
  (_wire, _reaction, wire, react) =>
    stepUpScene(
      async ({ client, session, server, browser, consents }) => {
        const error = await stubborn(() => client.call('add'), session, react);
        expect(error).toMatchObject({ code: 'step_up_exhausted', reason: 'repeated' });
        expect(consents()).toBe(1);
        expect(browser.opened).toHaveLength(2);
        expect(server.log().filter(({ grantType }) => grantType === 'refresh_token')).toEqual([]);
        expectNoLeaks({ error }, server.secrets());
        // Nothing that happened to the call happened to the login.
        await session.accessToken();
        await session.authorize();
        expect(browser.opened).toHaveLength(2);
      },
      { wire, mcp: neverContent() },
    ),
);

test.each(Object.entries(reactions))(
  'A78: twenty calls at once, each told another scope, cause one consent by %s',
  (_, react) =>
    stepUpScene(
      async ({ client, session, consents }) => {
        const errors = await Promise.all(
          Array.from({ length: 20 }, () => stubborn(() => client.call('add'), session, react)),
        );
        expect(new Set(errors.map((error) => error?.code))).toEqual(new Set(['step_up_exhausted']));
        expect(consents()).toBe(1);
      },
      { mcp: neverContent() },
    ),
);

test('A78: the bound holds in a process that starts afterwards, and the person may still ask', () =>
  stepUpScene(
    async ({ client, session, another, connect, consents, server }) => {
      await stubborn(
        () => client.call('add'),
        session,
        (one) => one.authorize(),
      );
      const later = another();
      const reconnected = await connect(later);
      const error = await failure(reconnected.call('add'));
      expect(error).toMatchObject({ code: 'step_up_exhausted', reason: 'repeated' });
      expect(consents()).toBe(1);
      await later.authorize({ scope: 'mcp:admin' });
      expect(consents()).toBe(2);
      expect(server.families().at(-1)?.scope.split(' ')).toEqual(
        expect.arrayContaining(['mcp:tools', 'mcp:admin']),
      );
    },
    { mcp: neverContent() },
  ));

test('A78: the bound ends after ten minutes', async () => {
  let ahead = 0;
  await stepUpScene(
    async ({ client, session, consents, server }) => {
      server.behaviour.accessTokenTtl = 7_200;
      await session.authorize({ scope: 'mcp:admin' });
      const first = await stubborn(
        () => client.call('add'),
        session,
        (one) => one.authorize(),
      );
      expect(first).toMatchObject({ retryAfterMs: expect.any(Number) });
      expect(consents()).toBe(2);
      ahead = 10 * 60_000;
      expect(
        await stubborn(
          () => client.call('add'),
          session,
          (one) => one.authorize(),
        ),
      ).toMatchObject({
        code: 'step_up_exhausted',
      });
      expect(consents()).toBe(3);
    },
    { mcp: neverContent(), oauth: { now: () => Date.now() + ahead } },
  );
});

test('a server that asks for what the token has gets no login, and the call a typed error', () =>
  stepUpScene(
    async ({ client, consents }) => {
      const error = await failure(client.call('add'));
      expect(error).toMatchObject({
        code: 'step_up_exhausted',
        reason: 'already_granted',
        scope: 'mcp:tools',
      });
      expect(consents()).toBe(0);
    },
    { mcp: { missingScope: (operation) => (operation.startsWith('tools/call') ? 'mcp:tools' : undefined) } },
  ));

test('a server that does not say which scope it wants gets no login, and the call a typed error', () =>
  stepUpScene(
    async ({ client, session, consents }) => {
      const error = await stubborn(
        () => client.call('add'),
        session,
        (one) => one.authorize(),
      );
      expect(error).toMatchObject({ code: 'step_up_exhausted', reason: 'unnamed', scope: undefined });
      expect(consents()).toBe(0);
    },
    {
      mcp: {
        ...neverContent(),
        challenge: ({ status, header }) => (status === 403 ? 'Bearer error="insufficient_scope"' : header),
      },
    },
  ));

test('an event stream that is refused for want of scopes asks nobody, and calls go on', () =>
  stepUpScene(
    async ({ client, mcp, browser, consents }) => {
      await client.call('add').catch(() => undefined);
      expect(mcp.counts().http['GET /mcp']).toBe(1);
      expect(mcp.counts().forbidden).toBe(1);
      expect(consents()).toBe(0);
      expect(browser).toBeInstanceOf(ScriptedBrowser);
    },
    { mcp: { missingScope: (operation) => (operation === 'GET' ? 'streams' : undefined) } },
  ));
