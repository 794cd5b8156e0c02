import { expect, test } from '@jest/globals';
import { person } from '@mcp-oauth/e2e';
import { failure, needing, neverContent, stepUpScene, stubborn } from './support/step-up-scene.js';

const tools = needing({ add: 'mcp:a', admin_only: 'mcp:admin' });
const declining = { decide: () => ({ error: 'access_denied' }) };

test('81: a person who said no is not asked again by a program, and a call says so', () =>
  stepUpScene(
    async ({ client, session, server, consents }) => {
      Object.assign(server.behaviour, declining);
      const error = await stubborn(
        () => client.call('admin_only'),
        session,
        (one) => one.authorize(),
      );
      expect(error).toMatchObject({ code: 'step_up_exhausted', reason: 'denied' });
      expect(consents()).toBe(1);
      for (let count = 0; count < 3; count++) {
        await expect(session.authorize()).rejects.toMatchObject({ code: 'authorization_denied' });
      }
      expect(consents()).toBe(1);
      await client.call('whoami');
    },
    { mcp: tools },
  ));

test.each([
  ['invalid_scope', 1],
  ['temporarily_unavailable', 2],
])('81: an authorization server that says %s to a step-up is asked %i times in a row', (error, times) =>
  stepUpScene(
    async ({ client, session, server, consents }) => {
      await failure(client.call('admin_only'));
      server.behaviour.decide = () => ({ error });
      for (let count = 0; count < 2; count++) {
        await expect(session.authorize()).rejects.toMatchObject({ code: 'authorization_denied' });
      }
      expect(consents()).toBe(times);
    },
    { mcp: tools },
  ),
);

test('81: by naming the scopes a person may change their mind, in another process too', () =>
  stepUpScene(
    async ({ client, session, server, another, connect, consents }) => {
      const { decide } = server.behaviour;
      Object.assign(server.behaviour, declining);
      await stubborn(
        () => client.call('admin_only'),
        session,
        (one) => one.authorize(),
      );
      const later = another();
      const reconnected = await connect(later);
      expect(await failure(reconnected.call('admin_only'))).toMatchObject({ reason: 'denied' });
      server.behaviour.decide = decide;
      await later.authorize({ scope: 'mcp:admin' });
      await reconnected.call('admin_only');
      expect(consents()).toBe(2);
      // What was declined and then granted is no reason to refuse another tool its login.
      expect(
        await stubborn(
          () => reconnected.call('add'),
          later,
          (one) => one.authorize(),
        ),
      ).toBeUndefined();
    },
    { mcp: tools },
  ));

test('81: a server that asks for another scope after each no asks once', () =>
  stepUpScene(
    async ({ client, session, server, consents }) => {
      Object.assign(server.behaviour, declining);
      const error = await stubborn(
        () => client.call('add'),
        session,
        (one, { ...told }) => one.authorize('scope' in told ? { scope: String(told.scope) } : {}),
      );
      expect(error).toMatchObject({ code: 'step_up_exhausted', reason: 'denied' });
      expect(consents()).toBe(1);
    },
    { mcp: neverContent() },
  ));

test.each(['completeAuthorization', 'delegateAuthorization'])(
  '81: a no that came to the web address of one replica, through %s, is known to all',
  (way) =>
    stepUpScene(
      async ({ client, replica, another, connect, mcp }) => {
        await failure(client.call('admin_only'));
        const redirectUri = 'https://host.example/callback';
        const denied = { code: 'authorization_denied' };
        if (way === 'completeAuthorization') {
          const { authorizationUrl, binding } = await another().beginAuthorization({ redirectUri });
          const callback = await person.consent(authorizationUrl, { decision: 'deny' });
          await expect(replica().completeAuthorization(callback, { binding })).rejects.toMatchObject(denied);
        } else {
          const delegated = await another().delegateAuthorization({ redirectUri });
          const callback = await person.consent(delegated.authorizationUrl, { decision: 'deny' });
          await expect(delegated.accept(new URL(callback))).rejects.toMatchObject(denied);
        }
        const later = await connect(another());
        expect(await failure(later.call('admin_only'))).toMatchObject({ reason: 'denied' });
        expect(mcp.counts().tools['admin_only']).toBeUndefined();
      },
      { mcp: tools },
    ),
);
