import { expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import type { TokenStore } from '@mcp-oauth/core';
import {
  finding,
  grant,
  look,
  MCP,
  NOW,
  RESOURCE_METADATA,
  resourceMetadata,
  SECRETS,
  unauthorized,
} from './scene.js';
import type { Scene } from './scene.js';

const dated = (ms: number, more: Record<string, string> = {}): Scene => ({
  answers: {
    [MCP]: () => {
      const { headers } = unauthorized();
      headers.set('date', new Date(ms).toUTCString());
      for (const [name, value] of Object.entries(more)) headers.set(name, value);
      return new Response('', { status: 401, headers });
    },
  },
});

test.each([
  ['the same time', 0, 'ok'],
  ['30 s ahead', 30_000, 'ok'],
  ['31 s ahead', 31_000, 'warning'],
  ['30 s behind, and the part of a second that Date leaves out', -31_000, 'ok'],
  ['32 s behind', -32_000, 'warning'],
])('a server whose clock shows %s', async (_, ms, status) => {
  expect(await finding('clock', dated(NOW + ms))).toMatchObject({ status });
});

test('a clock difference says whose clock is wrong, by how much and which way', async () => {
  const { message } = await finding('clock', dated(NOW + 125_000));
  expect(message).toMatch(/The clock of https:\/\/mcp.example is 125 s ahead of the one here/);
  expect((await finding('clock', dated(NOW - 126_000))).message).toMatch(/125 s behind/);
});

test('the time that an answer takes is no clock difference', async () => {
  let now = NOW;
  const scene: Scene = {
    now: () => now,
    answers: {
      [MCP]: () => {
        now += 60_000;
        return new Response('', { status: 401, headers: { date: new Date(NOW).toUTCString() } });
      },
    },
  };
  expect(await finding('clock', scene)).toMatchObject({ status: 'ok' });
});

test('an answer out of a cache is as old as the cache says', async () => {
  expect(await finding('clock', dated(NOW - 600_000, { age: '600' }))).toMatchObject({ status: 'ok' });
  expect(await finding('clock', dated(NOW - 600_000, { age: 'x' }))).toMatchObject({ status: 'warning' });
});

test('the worst clock of all servers counts', async () => {
  const off = resourceMetadata();
  off.headers.set('date', new Date(NOW + 90_000).toUTCString());
  const scene = { answers: { ...dated(NOW).answers, [RESOURCE_METADATA]: off } };
  expect((await finding('clock', scene)).message).toMatch(/is 90 s ahead/);
});

test('servers without a Date leave the clock unknown', async () => {
  expect(await finding('clock')).toMatchObject({ status: 'unknown' });
});

test('an abort ends it at once, with the reason of the signal', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const hanging = () =>
    new Promise<Response>(() => {
      controller.abort(reason);
    });
  const looking = look({ answers: { [MCP]: hanging }, signal: controller.signal });
  await expect(looking).rejects.toBe(reason);
});

test('an abort that came before sends nothing', async () => {
  const signal = AbortSignal.abort(new Error('too late'));
  const asked: string[] = [];
  const answers = { [MCP]: () => (asked.push(MCP), unauthorized()) };
  await expect(look({ answers, signal })).rejects.toThrow('too late');
  expect(asked).toEqual([]);
});

test('a closed client looks at nothing', async () => {
  const { oauth } = await look();
  const session = oauth.session({ resource: MCP });
  await oauth.close();
  await expect(session.health()).rejects.toMatchObject({ code: 'closed' });
});

test('a server that never answers, and a store that never does, are problems within their time', async () => {
  const store: TokenStore = Object.assign(new MemoryTokenStore(), {
    check: () => new Promise<void>(() => undefined),
  });
  const keepAlive = setInterval(() => undefined, 1_000);
  try {
    const { report } = await look({
      store,
      answers: { [MCP]: () => new Promise<Response>(() => undefined) },
    });
    const problems = report.findings.filter(({ status }) => status === 'problem');
    expect(problems).toMatchObject([
      { check: 'store', message: 'The token store does not answer.' },
      { check: 'resource', message: `${MCP} could not be reached.` },
    ]);
  } finally {
    clearInterval(keepAlive);
  }
}, 60_000);

/** Tells of every call that could change something. */
function recording(): { readonly store: TokenStore; readonly changes: string[] } {
  const changes: string[] = [];
  const store = new MemoryTokenStore();
  return {
    changes,
    store: {
      get: (...call) => store.get(...call),
      list: (...call) => store.list(...call),
      check: (...call) => store.check(...call),
      close: () => store.close(),
      compareAndSet: (...call) => (changes.push('compareAndSet'), store.compareAndSet(...call)),
      purge: (...call) => (changes.push('purge'), store.purge(...call)),
    },
  };
}

test.each([
  ['nothing is stored', {}],
  ['nothing is stored and the host brings no secret of its own', { client: { secret: undefined } }],
  ['a client was registered by hand', { settings: { clientId: 'id', clientSecret: SECRETS[2] } }],
])('where %s, nothing is written', async (_, scene) => {
  const { store, changes } = recording();
  await look({ store, ...(scene as Scene) });
  expect(changes).toEqual([]);
});

test('a stored login is read and not touched, also one that is due for a refresh', async () => {
  const { store, changes } = recording();
  const expired = grant({ tokens: { ...grant().tokens, expires_at: NOW - 1 } });
  const { report, servers } = await look({ store, credentials: { grant: expired } });
  expect(changes).toEqual(['compareAndSet']);
  expect(report.findings[1]).toMatchObject({ check: 'login', status: 'ok' });
  const sent = servers.sent.map(({ url, body, headers }) => [url, body, ...headers.values()].join());
  for (const secret of SECRETS) expect(sent.join()).not.toContain(secret);
});
