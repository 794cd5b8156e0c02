import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { AuthorizationRequiredError, StoreError } from '@mcp-oauth/core';
import { granted, ISSUER, MachineServer, RESOURCE } from '../machine-login/machine-server.js';
import { processOf, SlowStore } from './two-processes.js';
import type { Process } from './two-processes.js';

const OTHER = 'https://other.example';
const TWO_HOURS_MS = 7_200_000;

const logIn = ({ session }: Process) => session.authorize();
const call = ({ session }: Process) => session.fetch(RESOURCE, { method: 'POST' });

const refused = async (process: Process) => {
  await logIn(process);
  await expect(call(process)).rejects.toThrow(AuthorizationRequiredError);
};

/** Two processes over one store. While the first waits for its `nth` read, the other begins to log the person in. */
async function pagesOfTwo(nth: number, before: (process: Process) => Promise<void>, scope?: string) {
  const server = new MachineServer();
  const answer = (more: string) => () => granted({ scope: more });
  server.tokens.push(answer('mcp:tools'), answer(`mcp:tools ${scope ?? ''}`));
  const slow = new SlowStore(server.store);
  const [first, other] = [processOf(server, { store: slow }), processOf(server)];
  await before(first);
  await before(other);
  const pages = () => first.person.pages + other.person.pages;
  const known = pages();
  const wanted = scope === undefined ? {} : { scope };
  let others: Promise<void> | undefined;
  // Where the first has begun by then, the other waits for it, and this read for neither.
  slow.slowRead(nth, () => Promise.race([(others = other.session.authorize(wanted)), sleep(100)]));
  await first.session.authorize(wanted);
  await (others ?? other.session.authorize(wanted));
  return pages() - known;
}

const READS = [1, 2, 3, 4, 5, 6, 7, 8];

test.each(READS)('a login that another process makes during read %i is not made again', async (nth) => {
  expect(await pagesOfTwo(nth, () => Promise.resolve())).toBe(1);
});

test.each(READS)(
  'a login that another process makes during read %i, where the last was refused, is not made again',
  async (nth) => {
    expect(await pagesOfTwo(nth, refused)).toBe(1);
  },
);

test.each(READS)('a step-up that another process makes during read %i is not made again', async (nth) => {
  expect(await pagesOfTwo(nth, logIn, 'mcp:admin')).toBe(1);
});

test('whether a person is logged in asks memory alone, so that a store that is down keeps nobody from going on', async () => {
  const server = new MachineServer();
  const slow = new SlowStore(server.store);
  const process = processOf(server, { store: slow });
  await logIn(process);
  slow.slowRead(1, () => Promise.reject(new Error('The store is down.')));
  await logIn(process);
  expect(process.person.pages).toBe(1);
});

test('a login of another process that has ended by now is no login', async () => {
  const server = new MachineServer();
  let now = Date.now();
  const [a, b] = [processOf(server, { now: () => now }), processOf(server, { now: () => now })];
  for (const process of [a, b, a]) {
    await logIn(process);
    await process.session.accessToken();
    now += TWO_HOURS_MS;
  }
  expect([a.person.pages, b.person.pages]).toEqual([2, 1]);
});

test('a login of another process whose key this one lacks is no login', async () => {
  const server = new MachineServer();
  server.dpop = true;
  server.tokens.push(() => granted({ token_type: 'DPoP' }));
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const pair = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  const [a, b] = [processOf(server), processOf(server, { dpop: pair })];
  await refused(a);
  await a.session.currentToken({ dpop: true });
  await (
    await b.begin()
  )();
  await logIn(a);
  await a.session.currentToken({ dpop: true });
  expect(a.person.pages).toBe(2);
});

test('another token of a login whose tokens are refused, which another process has got, is no login', async () => {
  const server = new MachineServer();
  server.tokens.push(() => granted({ refresh_token: crypto.randomUUID() }));
  const [a, b] = [processOf(server), processOf(server)];
  await refused(a);
  await expect(call(b)).rejects.toThrow(AuthorizationRequiredError);
  const { grantId } = await a.session.currentToken();
  await logIn(a);
  expect((await a.session.currentToken()).grantId).not.toBe(grantId);
  await logIn(b);
  expect([a.person.pages, b.person.pages]).toEqual([2, 0]);
});

test('scopes that another process was granted are not asked for again by a library that sends tokens itself', async () => {
  const server = new MachineServer();
  const scopes = ['mcp:tools', 'mcp:tools mcp:admin'];
  server.tokens.push(...scopes.map((scope) => () => granted({ scope })));
  const [a, b] = [processOf(server), processOf(server)];
  await logIn(a);
  await b.session.authorize({ scope: 'mcp:admin' });
  server.isOpen = true;
  expect(await a.session.stepUpScope({ scope: 'mcp:admin' })).toBeUndefined();
});

test('a login that is stored once more, because the answer was lost, does not undo a refresh', async () => {
  const server = new MachineServer();
  let issued = 0;
  server.tokens.push(() => granted({ refresh_token: `refresh-${String(++issued)}` }));
  const slow = new SlowStore(server.store);
  const [a, b] = [processOf(server, { store: slow }), processOf(server)];
  const complete = await a.begin();
  // The first write takes the flow.
  slow.slowWrite(2, async () => {
    await b.session.currentToken({ rejected: await b.session.currentToken() });
    throw new StoreError('unavailable', 'The answer was lost.');
  });
  await complete();
  await a.session.currentToken({ rejected: await a.session.currentToken() });
  const spent = server.tokenRequests.map(({ form }) => form.get('refresh_token')).filter(Boolean);
  expect(spent).toEqual(['refresh-1', 'refresh-2']);
});

test('a login at the new server, made while this process finds out that the old one was left, is not asked for again', async () => {
  const server = new MachineServer([ISSUER, OTHER]);
  server.tokens.push(() => granted({ refresh_token: 'r', expires_in: 3600 }));
  let now = Date.now();
  const other = processOf(server, { now: () => now });
  let isMoving = false;
  const events: string[] = [];
  const a = processOf(server, {
    now: () => now,
    onEvent: ({ type }) => events.push(type),
    fetch: async (url, init) => {
      const response = await server.scripted.fetch(url, init);
      if (isMoving && new URL(url).pathname.includes('oauth-protected-resource')) {
        isMoving = false;
        server.tokens[0] = () => granted();
        // A client of its own: that of before belongs to the old server.
        await (
          await other.begin('c2')
        )();
      }
      return response;
    },
  });
  await (
    await other.begin()
  )();
  await a.session.accessToken();
  now += TWO_HOURS_MS;
  server.issuer = OTHER;
  server.tokens[0] = () => new Response('', { status: 503 });
  isMoving = true;
  await expect(call(a)).rejects.toMatchObject({ code: 'transient' });
  expect(isMoving).toBe(false);
  expect(events).not.toContain('authorization_required');
});
