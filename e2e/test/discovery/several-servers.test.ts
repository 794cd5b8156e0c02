import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { faults, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { RunningMcpServer, StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { refusal, Scene } from '../registration/scene.js';

let scene: Scene;
let one: StrictAuthorizationServer;
let two: StrictAuthorizationServer;
let mcp: RunningMcpServer;

beforeEach(async () => {
  scene = new Scene();
  one = scene.keep(await startStrictAuthorizationServer());
  two = scene.keep(await startStrictAuthorizationServer());
  mcp = await scene.mcpServer(one, two);
});
afterEach(() => scene.close());

const issuerOf = async (session: ReturnType<typeof open>) => (await session.status()).issuer;
const open = () => scene.desktop().session({ resource: mcp.url });

test('a person logs in at the first of two authorization servers, and the other one hears nothing', async () => {
  const session = open();
  await session.authorize();
  expect(await issuerOf(session)).toBe(one.issuer);
  expect(two.log()).toEqual([]);
});

const unusable: readonly (readonly [string, () => void])[] = [
  [
    'announces no PKCE',
    () => {
      one.behaviour.metadata = { code_challenge_methods_supported: undefined };
    },
  ],
  [
    'has no way to register',
    () => {
      one.behaviour.registration = false;
    },
  ],
  [
    'has no metadata',
    () => {
      one.failAlways('metadata', faults.json(404, {}));
    },
  ],
];

test.each(unusable)(
  'the second is taken where the first %s, and the first is sent nothing',
  async (_, spoil) => {
    spoil();
    const session = open();
    await session.authorize();
    expect(await issuerOf(session)).toBe(two.issuer);
    expect(one.counts()).toMatchObject({ register: 0, authorize: 0, token: 0 });
    // Once logged in there, the person stays there when the first is well again.
    one.behaviour.metadata = {};
    one.behaviour.registration = true;
    one.heal();
    await session.authorize({ scope: 'mcp:admin' });
    expect(await issuerOf(session)).toBe(two.issuer);
    expect(one.counts()).toMatchObject({ register: 0, authorize: 0, token: 0 });
  },
);

test('the second is left alone where the first is only in trouble', async () => {
  one.failAlways('metadata', faults.unavailableHtml());
  const session = open();
  expect(await refusal(session.authorize())).toMatchObject({ code: 'transient' });
  expect(two.log()).toEqual([]);
  one.heal();
  await session.authorize();
  expect(await issuerOf(session)).toBe(one.issuer);
});

test('where neither can be used the error names both and why', async () => {
  one.behaviour.registration = false;
  two.behaviour.metadata = { code_challenge_methods_supported: ['plain'] };
  const error = await refusal(open().authorize());
  expect(error).toMatchObject({ code: 'discovery_failed' });
  for (const text of [one.issuer, 'clientId', two.issuer, 'PKCE']) expect(error.message).toContain(text);
  expect(scene.browser.opened).toEqual([]);
});

test('a standing login stays where it is while the MCP server names it, and moves when it no longer does', async () => {
  const session = open();
  await session.authorize();
  mcp.behaviour.metadata = { authorization_servers: [two.issuer, one.issuer] };
  await session.authorize({ scope: 'mcp:admin' });
  expect(await issuerOf(session)).toBe(one.issuer);
  mcp.behaviour.metadata = { authorization_servers: [two.issuer] };
  await session.authorize({ scope: 'mcp:more' });
  expect(await issuerOf(session)).toBe(two.issuer);
  expect(two.counts()).toMatchObject({ register: 1 });
  expect(two.families()).toHaveLength(1);
});
