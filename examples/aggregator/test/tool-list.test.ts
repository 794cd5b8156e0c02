import { expect, test } from '@jest/globals';
import type { Application } from '../src/application.js';
import { timeLeft } from '../src/pages/time-left.js';
import { serverDetails } from '../src/servers/server-details.js';
import type { SignedInContext } from '../src/sign-in/signed-in.js';
import { toolList } from '../src/tools/tool-list.js';
import { hostileServer, visitor } from './support/hostile.js';

test('a list of tools that breaks this application is told in its place, and leaves the rest of the page alone', async () => {
  const defects: unknown[] = [];
  const broken = new Error('what nobody thought of');
  const app = {
    calls: { connected: () => Promise.reject(broken) },
    configuration: { servers: new Map() },
    onDefect: (error: unknown) => defects.push(error),
  };
  const c = { var: { visitor }, req: { raw: new Request('https://tools.example.com/') } };
  const list = await toolList(c as unknown as SignedInContext, app as unknown as Application, hostileServer);
  expect(String(list)).toContain('Something broke.');
  expect(defects).toEqual([broken]);
  expect(String(list)).not.toContain('nobody thought of');
});

test('a token that ends beyond the calendar, and scopes beyond number, leave the way to disconnect', async () => {
  const status = {
    state: 'logged_in' as const,
    resource: hostileServer.resource,
    profile: 'default',
    scope: Array.from({ length: 400_000 }, (_, index) => `s${index}`).join(' '),
    expiresAt: new Date(1e18),
    renewable: false,
  };
  const state = { server: hostileServer, login: 'connected' as const, isAway: false, status };
  const page = String(await serverDetails(visitor, hostileServer, state));
  expect(page).toContain('Disconnect ');
  expect(page).toContain('and 399950 more');
  expect(page.length).toBeLessThan(20_000);
});

test('the moment when a token ends is told in words, or that no calendar has it', async () => {
  expect(String(await timeLeft(new Date(Date.now() + 48_400)))).toContain('>in 48 seconds<');
  expect(String(await timeLeft(new Date(NaN)))).toBe('at no time that a calendar has');
});
