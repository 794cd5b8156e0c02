import { expect, test } from '@jest/globals';
import { person } from '@mcp-oauth/e2e';
import { failure, needing, neverContent, reactions, stepUpScene, stubborn } from './support/step-up-scene.js';
import { wires } from './support/wires.js';

const tools = needing({ add: 'mcp:a', admin_only: 'mcp:admin' });

test.each(wires.map((wire) => [wire.name, wire] as const))(
  '77, 78: %s: two tools that need a scope each have a consent each, and the second asks for all three',
  (_, wire) =>
    stepUpScene(
      async ({ client, session, server, consents }) => {
        for (const tool of ['add', 'admin_only']) {
          expect(
            await stubborn(
              () => client.call(tool),
              session,
              (one) => one.authorize(),
            ),
          ).toBeUndefined();
        }
        expect(consents()).toBe(2);
        expect(new Set(server.families().at(-1)?.scope.split(' '))).toEqual(
          new Set(['mcp:tools', 'mcp:a', 'mcp:admin']),
        );
      },
      { wire, mcp: tools },
    ),
);

test.each(Object.entries(reactions))(
  'twenty calls that lack the same scope cause one consent by %s',
  (_, react) =>
    stepUpScene(
      async ({ client, session, consents }) => {
        const errors = await Promise.all(
          Array.from({ length: 20 }, () => stubborn(() => client.call('admin_only'), session, react)),
        );
        expect(errors.filter((error) => error !== undefined)).toEqual([]);
        expect(consents()).toBe(1);
      },
      { mcp: tools },
    ),
);

test('two processes whose calls lack the same scope cause one consent, though the second looks after the first', () =>
  stepUpScene(
    async ({ client, session, another, connect, consents }) => {
      const other = another();
      const elsewhere = await connect(other);
      const [mine, theirs] = await Promise.all([
        failure(client.call('admin_only')),
        failure(elsewhere.call('admin_only')),
      ]);
      expect([mine?.code, theirs?.code]).toEqual(['authorization_required', 'authorization_required']);
      await session.authorize();
      await other.authorize({ scope: 'mcp:admin' });
      await elsewhere.call('admin_only');
      expect(consents()).toBe(1);
    },
    { mcp: tools },
  ));

test.each(wires.map((wire) => [wire.name, wire] as const))(
  '%s: after a step-up the new refresh token is used, and the old grant was not revoked',
  (_, wire) =>
    stepUpScene(
      async ({ client, session, server }) => {
        const logIn = (): Promise<void> => session.authorize();
        expect(await stubborn(() => client.call('admin_only'), session, logIn)).toBeUndefined();
        for (let count = 0; count < 2; count++) {
          server.expireAccessTokens();
          await client.call('admin_only');
        }
        const [before, after] = server.families();
        expect(before?.refreshes).toEqual([]);
        expect(after?.refreshes.map(({ generation, outcome }) => [generation, outcome])).toEqual([
          [1, 'rotated'],
          [2, 'rotated'],
        ]);
        expect([before?.revoked, after?.revoked]).toEqual([undefined, undefined]);
        expect(server.counts().revoke).toBe(0);
      },
      { wire, mcp: tools },
    ),
);

test('78: a stored refresh token is not spent on a call that lacks scopes', () =>
  stepUpScene(
    async ({ client, server }) => {
      const before = server.counts().token;
      for (let count = 0; count < 5; count++) await failure(client.call('admin_only'));
      expect(server.counts().token).toBe(before);
    },
    { mcp: tools },
  ));

test('a web host whose replicas share nothing but the store asks for what was lacking, and once', () =>
  stepUpScene(
    async ({ client, replica, another, connect, mcp, consents }) => {
      await failure(client.call('admin_only'));
      const redirectUri = 'https://host.example/callback';
      const { authorizationUrl, binding } = await another().beginAuthorization({ redirectUri });
      expect(authorizationUrl.searchParams.get('scope')?.split(' ')).toEqual(
        expect.arrayContaining(['mcp:tools', 'mcp:admin']),
      );
      await replica().completeAuthorization(await person.consent(authorizationUrl), { binding });
      const third = await connect(another());
      await third.call('admin_only');
      Object.assign(mcp.behaviour, neverContent());
      expect(await failure(third.call('admin_only'))).toMatchObject({ reason: 'repeated' });
      expect(consents()).toBe(1);
    },
    { mcp: tools },
  ));
