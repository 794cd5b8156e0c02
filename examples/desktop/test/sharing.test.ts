import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { expectNoLeaks, person } from '@mcp-oauth/e2e';
import { logIn, withDesk } from './support/desk.js';
import type { TestWindow } from './support/test-window.js';

const STORY_MS = 60_000;

test(
  'two windows that connect at once open one tab, and the next start needs no login',
  () =>
    withDesk(async ({ open, tabs, authorizationServer }) => {
      const windows = [open(), open()];
      const told = await Promise.all(windows.map((window) => window.command('connect demo')));
      expect([...told].sort()).toEqual([
        '✓ connected to demo (mcp-oauth-rig) after a login',
        '✓ connected to demo (mcp-oauth-rig) without a login in this window',
      ]);
      expect(tabs).toHaveLength(1);
      expect(await Promise.all(windows.map((window) => window.quit()))).toEqual([0, 0]);
      const next = open();
      expect(await next.command('call demo add {"a": 19, "b": 23}')).toBe('✓ add: 42');
      expect(tabs).toHaveLength(1);
      expect(authorizationServer.counts()).toMatchObject({ register: 1, authorize: 1, token: 1 });
      expectNoLeaks({ output: [...windows, next].map(({ output }) => output).join('') });
    }),
  STORY_MS,
);

test(
  'an expired token is renewed once, though both windows call at the same moment',
  () =>
    withDesk(async ({ connected, authorizationServer }) => {
      const windows = await connected(2);
      authorizationServer.expireAccessTokens();
      const told = await Promise.all(
        windows.map((window) => window.command('call demo add {"a": 1, "b": 2}')),
      );
      expect(told).toEqual(['✓ add: 3', '✓ add: 3']);
      expect(authorizationServer.refreshesPerExpiry().map(({ refreshes }) => refreshes)).toEqual([1]);
      expect(authorizationServer.families()).toMatchObject([{ maxInFlight: 1, revoked: undefined }]);
    }),
  STORY_MS,
);

test(
  'a window killed while its person logs in does not keep the other from logging in',
  () =>
    withDesk(async ({ open, tabs, atBrowser }) => {
      const opened = new Promise<void>((resolve) => {
        atBrowser(() => {
          resolve();
        });
      });
      const first = open();
      void first.command('connect demo').catch(() => undefined);
      await opened;
      const second = open();
      const connected = second.command('connect demo');
      await second.said(/connects to demo/);
      await sleep(500);
      expect(tabs).toHaveLength(1);
      atBrowser(logIn);
      await first.kill();
      expect(await connected).toBe('✓ connected to demo (mcp-oauth-rig) after a login');
      expect(tabs).toHaveLength(2);
    }),
  STORY_MS,
);

/** Kills a window whose refresh is at the server, and lets another call. */
const killedInRefresh = (rotation: 'lenient' | 'strict', then: (told: string, tabs: number) => void) =>
  withDesk(
    async ({ connected, open, tabs, authorizationServer }) => {
      const [first] = (await connected(1)) as [TestWindow];
      // Not connected yet, so that the refresh is the first one's for certain.
      const second = open();
      authorizationServer.behaviour.tokenLatencyMs = 1_000;
      authorizationServer.expireAccessTokens();
      void first.command('call demo whoami').catch(() => undefined);
      while ((authorizationServer.families()[0]?.maxInFlight ?? 0) === 0) await sleep(20);
      await first.kill();
      then(await second.command('call demo add {"a": 1, "b": 2}'), tabs.length);
      expect(await second.quit()).toBe(0);
    },
    { rotation },
  );

test(
  'a window killed in the middle of a refresh does not stop the other',
  () =>
    killedInRefresh('lenient', (told, tabs) => {
      expect({ told, tabs }).toEqual({ told: '✓ add: 3', tabs: 1 });
    }),
  STORY_MS,
);

test(
  'where the server ends the login for that, the other window logs in again and is answered',
  () =>
    killedInRefresh('strict', (told, tabs) => {
      expect({ told, tabs }).toEqual({ told: '✓ add: 3', tabs: 2 });
    }),
  STORY_MS,
);

test(
  'a login that the server has ended is made anew once, though both windows meet its end at the same moment',
  () =>
    withDesk(async ({ connected, tabs, authorizationServer }) => {
      const windows = await connected(2);
      authorizationServer.revokeFamily(authorizationServer.families()[0]?.id ?? '');
      authorizationServer.expireAccessTokens();
      const told = await Promise.all(
        windows.map((window) => window.command('call demo add {"a": 1, "b": 2}')),
      );
      expect(told).toEqual(['✓ add: 3', '✓ add: 3']);
      expect(tabs).toHaveLength(2);
    }),
  STORY_MS,
);

test(
  'a login that the server has ended is made anew where no token can be renewed, too',
  () =>
    withDesk(
      async ({ connected, tabs, authorizationServer }) => {
        const [window] = (await connected(1)) as [TestWindow];
        authorizationServer.revokeFamily(authorizationServer.families()[0]?.id ?? '');
        expect(await window.command('call demo add {"a": 1, "b": 2}')).toBe('✓ add: 3');
        expect(tabs).toHaveLength(2);
      },
      { tokenResponse: (response) => ({ ...response, refresh_token: undefined }) },
    ),
  STORY_MS,
);

test(
  'a login that the server has ended between two starts is made anew by connecting',
  () =>
    withDesk(async ({ connected, open, tabs, authorizationServer }) => {
      const [first] = await connected(1);
      await first?.quit();
      // The token is good for a minute yet by its own account, so that only the server's refusal can tell.
      authorizationServer.revokeFamily(authorizationServer.families()[0]?.id ?? '');
      expect(await open().command('connect demo')).toBe('✓ connected to demo (mcp-oauth-rig) after a login');
      expect(tabs).toHaveLength(2);
    }),
  STORY_MS,
);

test(
  'a tool that takes more than was granted asks the person for that',
  () =>
    withDesk(async ({ open, tabs }) => {
      const window = open();
      await window.command('connect demo');
      expect(await window.command('call demo admin_only')).toBe('✓ admin_only: done');
      expect(tabs).toHaveLength(2);
      expect(tabs[1]?.searchParams.get('scope')?.split(' ').sort()).toEqual(['mcp:admin', 'mcp:tools']);
    }),
  STORY_MS,
);

test(
  'a person who says no is told so, and can try again',
  () =>
    withDesk(async ({ open, atBrowser }) => {
      atBrowser((url) => void person.visit(url, { decision: 'deny' }).catch(() => undefined));
      const window = open();
      expect(await window.command('connect demo')).toMatch(/^✗ .*(denied|declined|refused)/i);
      atBrowser(logIn);
      expect(await window.command('connect demo')).toMatch(/^✓ connected/);
      expect(await window.command('connect elsewhere')).toBe(
        '✗ There is no server elsewhere. There are: demo.',
      );
      expect(await window.command('call demo add 3')).toMatch(/^✗ The arguments of a tool are a JSON object/);
      expect(await window.command('call demo no_such_tool')).toMatch(/^✗ /);
      expect(await window.command('logout demo')).toBe('✓ logged out of demo');
      expect(await window.quit()).toBe(0);
    }),
  STORY_MS,
);

test('Ctrl-C while it waits for the login closes a window at once', () =>
  withDesk(async ({ open, atBrowser }) => {
    const opened = new Promise<void>((resolve) => {
      atBrowser(() => {
        resolve();
      });
    });
    const window = open();
    void window.command('connect demo').catch(() => undefined);
    await opened;
    window.child.kill('SIGINT');
    expect(await window.ended).toBe(130);
    expect(window.output).not.toContain('✗');
  }));
