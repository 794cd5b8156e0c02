import { expect, test } from '@jest/globals';
import { faults } from '@mcp-oauth/e2e';
import type { StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { measured } from '../fleet/support/measurements.js';
import { withFleet } from './fleet.js';
import type { BegunLogin, Fleet } from './fleet.js';

/** After this long a registration is taken over, where nobody can tell that who makes it has died. */
const LEASE_MS = 5_000;
const TOKEN_TTL_MS = 60_000;

const clientsOf = (begun: readonly BegunLogin[]) => [...new Set(begun.map(({ clientId }) => clientId))];
const slowest = (begun: readonly BegunLogin[]) => Math.max(...begun.map(({ tookMs }) => tookMs));

function report(what: string, server: StrictAuthorizationServer, begun: readonly BegunLogin[]): void {
  measured('Owners who log in at one server at once, over four processes on one Redis', {
    what,
    owners: begun.length,
    registrations: server.counts().register,
    clients: clientsOf(begun).length,
    'slowest, ms': Math.round(slowest(begun)),
  });
}

/** Lets everybody arrive while somebody registers. */
function slowDown(server: StrictAuthorizationServer): void {
  server.failAlways('register', faults.processThenWait(1_500));
}

/** For all of them it is so much later, but not for the server, whose own tokens stay good. */
async function putClocksAhead({ replicas }: Fleet, ms: number): Promise<void> {
  await Promise.all(replicas.map((replica) => replica.ask('putClockAhead', ms)));
}

/** Begins on one replica, ends on another one. */
async function login(fleet: Fleet, owner: string): Promise<void> {
  const [first, second] = fleet.replicas;
  const [begun] = await first.ask('begin', [owner]);
  await second.ask('complete', await fleet.consent(begun!));
}

test.each([
  { what: 'the server answers at once', latencyMs: 0 },
  { what: 'registering takes half a second', latencyMs: 500 },
  { what: 'registering takes longer than all else', latencyMs: 1_500 },
])(
  'a thousand owners who log in cold at once, over four processes, share one registration: $what',
  async ({ what, latencyMs }) => {
    await withFleet({ replicas: 4 }, async (fleet) => {
      const { server, replicas } = fleet;
      server.failAlways('register', faults.processThenWait(latencyMs));
      const begun = await fleet.beginAll('cold', 1_000);
      report(what, server, begun);
      expect(begun).toHaveLength(1_000);
      expect(server.counts().register).toBe(1);
      expect(clientsOf(begun)).toHaveLength(1);
      // Any of them can be completed anywhere.
      for (const [index, one] of begun.filter((_, number) => number % 97 === 0).entries())
        await replicas[index % replicas.length]!.ask('complete', await fleet.consent(one));
    });
  },
  90_000,
);

test.each([
  { what: 'its host is gone for all that others know', identity: false, mostMs: LEASE_MS + 8_000 },
  { what: 'others on its machine see that it is gone', identity: true, mostMs: 6_000 },
])(
  'a process that is killed while it registers costs one registration and no long wait: $what',
  async ({ what, identity, mostMs }) => {
    await withFleet({ replicas: 4, identity }, async (fleet) => {
      const { server } = fleet;
      const [registrar, ...others] = fleet.replicas;
      server.fail('register', faults.processThenWait(60_000));
      slowDown(server);
      void registrar.refusal('begin', ['the-first']);
      while (server.counts().register === 0) await soon(10);
      const waiting = fleet.beginAll('waiting', 300, others);
      await soon(500);
      await registrar.kill();
      const begun = await waiting;
      report(`killed while it registers, ${what}`, server, begun);
      expect(server.counts().register).toBe(2);
      expect(clientsOf(begun)).toHaveLength(1);
      expect(slowest(begun)).toBeLessThan(mostMs);
    });
  },
  60_000,
);

test.each([
  {
    what: 'invalid_client at the token endpoint',
    code: 'token_request_failed',
    refuse: (server: StrictAuthorizationServer) =>
      server.fail('token', faults.oauthError('invalid_client', 401)),
  },
  {
    what: 'unauthorized_client at the authorization endpoint',
    code: 'authorization_denied',
    refuse: (server: StrictAuthorizationServer) => {
      const { decide } = server.behaviour;
      server.behaviour.decide = () => {
        server.behaviour.decide = decide;
        return { error: 'unauthorized_client' };
      };
    },
  },
])(
  'a registration that is dead at the server is replaced once, and the tokens of others live on: $what',
  async ({ what, code, refuse }) => {
    await withFleet({ replicas: 4, server: { accessTokenTtl: TOKEN_TTL_MS / 1_000 } }, async (fleet) => {
      const { server, replicas } = fleet;
      await login(fleet, 'settled');
      const old = server.families()[0]!.clientId;
      slowDown(server);
      refuse(server);
      const [begun] = await replicas[0].ask('begin', ['unlucky']);
      expect(await replicas[1].refusal('complete', await fleet.consent(begun!))).toMatchObject({ code });
      const again = await fleet.beginAll('again', 200);
      report(what, server, again);
      expect(clientsOf(again)).toHaveLength(1);
      expect(clientsOf(again)).not.toEqual([old]);
      expect(server.counts().register).toBe(2);
      await putClocksAhead(fleet, TOKEN_TTL_MS);
      // The client lives at the server, whatever it said once: who was logged in by it goes on with it.
      for (const replica of replicas)
        expect(await replica.ask('use', 'settled')).toMatchObject({ state: 'logged_in' });
      const [settled] = server.families();
      expect(settled).toMatchObject({ clientId: old, revoked: undefined });
      expect(settled!.refreshes.length).toBeGreaterThan(0);
      await login(fleet, 'unlucky');
    });
  },
  60_000,
);

test('many who find out at the same moment that their client is gone get one new one', async () => {
  await withFleet({ replicas: 4 }, async (fleet) => {
    const { server, replicas } = fleet;
    const begun = await fleet.beginAll('person', 40);
    const returning = await Promise.all(begun.map((login) => fleet.consent(login)));
    server.forgetClient(begun[0]!.clientId);
    slowDown(server);
    const outcomes = await Promise.all(
      returning.map((callback, index) => replicas[index % 4]!.refusal('complete', callback)),
    );
    expect(new Set(outcomes.map(({ code }) => code))).toEqual(new Set(['token_request_failed']));
    const again = await fleet.beginAll('person', 40);
    report('the server has forgotten the client', server, again);
    expect(server.counts().register).toBe(2);
    await replicas[3]!.ask('complete', await fleet.consent(again[0]!));
  });
}, 60_000);

test('a registration whose secret has expired is replaced once, and tokens of before go on with the old one', async () => {
  await withFleet({ replicas: 4, server: { accessTokenTtl: TOKEN_TTL_MS / 1_000 } }, async (fleet) => {
    const { server, replicas } = fleet;
    const seconds = Math.floor(Date.now() / 1_000) + 3_600;
    server.behaviour.registrationResponse = (response) =>
      server.counts().register === 1 ? { ...response, client_secret_expires_at: seconds } : response;
    await login(fleet, 'settled');
    const old = server.families()[0]!.clientId;
    expect(clientsOf(await fleet.beginAll('early', 20))).toEqual([old]);
    expect(server.counts().register).toBe(1);
    slowDown(server);
    await putClocksAhead(fleet, 3_600_000);
    const begun = await fleet.beginAll('late', 200);
    report('its secret has expired', server, begun);
    expect(clientsOf(begun)).toHaveLength(1);
    expect(clientsOf(begun)).not.toEqual([old]);
    expect(server.counts().register).toBe(2);
    for (const replica of replicas)
      expect(await replica.ask('use', 'settled')).toMatchObject({ state: 'logged_in' });
    expect(server.families()[0]).toMatchObject({ clientId: old, revoked: undefined });
    expect(server.families()[0]!.refreshes.length).toBeGreaterThan(0);
    await login(fleet, 'newcomer');
  });
}, 60_000);

function soon(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
