import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { expectNoLeaks, faults } from '@mcp-oauth/e2e';
import { startHttpReplica } from './support/http-replica.js';
import type { HttpReplica } from './support/http-replica.js';
import { HttpUser } from './support/http-user.js';

let replica: HttpReplica;
let ada: HttpUser;

beforeAll(async () => {
  replica = await startHttpReplica();
  ada = await HttpUser.signedIn(replica, 'ada');
  await ada.connect('harbour');
});
afterEach(() => {
  replica.mcp.heal();
  replica.mcp.behaviour.metadata = {};
});
afterAll(async () => {
  expectNoLeaks({ answers: replica.answers }, replica.authorizationServer.secrets());
  await replica.close();
});

const answers: readonly [string, Parameters<HttpReplica['mcp']['failAlways']>[1], number, string][] = [
  ['fails', faults.internalError(), 502, 'The server is away'],
  ['cuts the connection', faults.reset(), 502, 'The server is away'],
  ['is behind a captive portal', faults.htmlOk(), 502, 'This server can not be used'],
  ['answers what is not MCP', faults.json(200, { hello: 'world' }), 502, 'This server can not be used'],
  ['never ends its answer', faults.endlessBody(), 502, 'This server can not be used'],
  ['never answers', faults.silent(), 504, 'The server takes too long'],
  ['wants to lead elsewhere', faults.redirect('http://127.0.0.1:1/'), 502, 'This server can not be used'],
];

for (const [what, fault, status, title] of answers) {
  test(`a server that ${what} is told as such, and the login stays`, async () => {
    replica.mcp.failAlways('mcp', fault);
    const page = await ada.send('/servers/harbour/tools/add');
    expect([page.status, /<h1>(.*)<\/h1>/.exec(page.body)?.[1]]).toEqual([status, title]);
    replica.mcp.heal();
    expect((await ada.send('/servers/harbour/tools/add')).status).toBe(200);
    // One of them is waited for, for 10 s.
  }, 60_000);
}

const metadata: readonly [string, object][] = [
  ['an address inside the network', { authorization_servers: ['https://169.254.169.254'] }],
  ['plain http', { authorization_servers: ['http://as.example.com'] }],
  ['another resource', { resource: 'https://other.example.com/mcp' }],
];

for (const [what, members] of metadata) {
  test(`a server whose metadata names ${what} can not be connected, and the page says why`, async () => {
    replica.mcp.behaviour.metadata = { ...members };
    const grace = await HttpUser.signedIn(replica, 'grace');
    const page = await grace.submit('/servers/harbour/connect');
    expect([page.status, page.body.includes('can not be used'), page.body.includes('<blockquote')]).toEqual([
      502,
      true,
      true,
    ]);
    expect(page.headers['set-cookie']).toBeUndefined();
  });
}

test('a tool that fails, and one that needs more permission, are two different pages', async () => {
  const failed = await ada.submit('/servers/harbour/tools/slow', { 'argument:ms': '99999999' });
  expect([failed.status, failed.body.includes('The tool failed')]).toEqual([200, true]);
  const forbidden = await ada.submit('/servers/harbour/tools/admin_only');
  expect([forbidden.status, forbidden.body.includes('More permission is needed')]).toEqual([403, true]);
  expect(forbidden.body).toContain('name="scope" value="mcp:tools mcp:admin"');
});

test('more than four calls of one user at once are refused, and those of others are not', async () => {
  const grace = await HttpUser.signedIn(replica, 'grace');
  const form = { form_token: await ada.formToken(), 'argument:ms': '1500' };
  const path = '/servers/harbour/tools/slow';
  const calls = Array.from({ length: 6 }, () =>
    ada.send(path, { form, headers: { 'sec-fetch-site': 'same-origin' } }),
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect((await grace.send('/servers/harbour/tools/add')).status).toBe(403);
  const statuses = (await Promise.all(calls)).map(({ status }) => status).sort();
  expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
});
