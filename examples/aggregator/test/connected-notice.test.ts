import { expect, test } from '@jest/globals';
import { Hono } from 'hono';
import { deriveKeys } from '../src/configuration/keys.js';
import { ConnectedNotices } from '../src/connect/connected-notice.js';

const notices = new ConnectedNotices(
  deriveKeys('a secret of this test alone'),
  new URL('http://127.0.0.1:1'),
);
const web = new Hono();
web.get('/set', async (c) => {
  const login = { owner: 'ada', resource: 'https://a.example/mcp' };
  await notices.set(c, login, { begunBy: 'replica 1', completedBy: 'replica 2' });
  return c.text('');
});
web.get('/take', async (c) =>
  c.json(
    (await notices.take(c, { owner: c.req.query('owner')!, resource: c.req.query('resource')! })) ?? null,
  ),
);

test('that a server was connected is told to the user who did it, on the page of this server, once', async () => {
  const set = await web.request('/set');
  const [cookie = ''] = set.headers.getSetCookie()[0]?.split(';') ?? [];
  const take = (owner: string, resource: string) =>
    web.request(`/take?${new URLSearchParams({ owner, resource }).toString()}`, { headers: { cookie } });
  for (const [owner, resource] of [
    ['grace', 'https://a.example/mcp'],
    ['ada', 'https://b.example/mcp'],
  ] as const) {
    const other = await take(owner, resource);
    expect([await other.json(), other.headers.getSetCookie()]).toEqual([null, []]);
  }
  const own = await take('ada', 'https://a.example/mcp');
  expect(await own.json()).toEqual({ begunBy: 'replica 1', completedBy: 'replica 2' });
  expect(own.headers.getSetCookie()[0]).toMatch(/^connected=; Max-Age=0/);
});
