import { afterEach, expect, test } from '@jest/globals';
import { startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { McpServerOptions, RunningMcpServer, StrictAuthorizationServer } from '@mcp-oauth/e2e';

const running: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const part of running.splice(0).reverse()) await part.close();
});

function keep<Part extends { close(): Promise<void> }>(part: Part): Part {
  running.push(part);
  return part;
}

async function twoServers(options: McpServerOptions = {}) {
  const first = keep(await startStrictAuthorizationServer({ keepsReceived: true }));
  const second = keep(await startStrictAuthorizationServer());
  const mcp = keep(await startMcpServer({ authorizationServers: [first, second], ...options }));
  return { first, second, mcp };
}

function call(mcp: RunningMcpServer, as: StrictAuthorizationServer, name: string): Promise<Response> {
  const { clientId } = as.addClient({ redirectUris: ['http://127.0.0.1:9876/callback'] });
  const { tokenResponse } = as.issueGrant(clientId, { resource: mcp.url.href, scope: 'mcp:tools' });
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {} } };
  return fetch(mcp.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${String(tokenResponse['access_token'])}`,
    },
    body: JSON.stringify(message),
  });
}

test('an MCP server takes the tokens of the servers that it trusts at the moment, and names those alone', async () => {
  const { first, second, mcp } = await twoServers();
  const named = async (): Promise<unknown> => {
    const response = await fetch(new URL('/.well-known/oauth-protected-resource/mcp', mcp.origin));
    return ((await response.json()) as Record<string, unknown>)['authorization_servers'];
  };
  expect(await named()).toEqual([first.issuer, second.issuer]);
  expect((await call(mcp, first, 'add')).status).not.toBe(401);
  mcp.behaviour.trusts = (issuer) => issuer === second.issuer;
  expect(await named()).toEqual([second.issuer]);
  expect((await call(mcp, first, 'add')).status).toBe(401);
  expect((await call(mcp, second, 'add')).status).not.toBe(401);
});

test('an MCP server refuses operations for want of scopes as it is told to', async () => {
  const asked: unknown[] = [];
  const { first, mcp } = await twoServers({
    missingScope: (operation, granted) => {
      asked.push([operation, granted]);
      return operation === 'tools/call add' ? 'mcp:add' : undefined;
    },
  });
  const refused = await call(mcp, first, 'add');
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
    403,
    expect.stringContaining('scope="mcp:add"'),
  ]);
  expect((await call(mcp, first, 'whoami')).status).not.toBe(403);
  expect(asked).toEqual([
    ['tools/call add', ['mcp:tools']],
    ['tools/call whoami', ['mcp:tools']],
  ]);
});

test('a strict server keeps what clients send to the letter where it is asked to, and not what MCP servers ask', async () => {
  const { first, second, mcp } = await twoServers();
  await call(mcp, first, 'add');
  await fetch(`${first.issuer}/token?a=1`, {
    method: 'POST',
    headers: { authorization: 'Basic eDp5' },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'shown' }),
  });
  const [received = '', ...more] = first.received();
  expect(received).toContain(`POST ${first.issuer}/token?a=1`);
  expect(received).toContain('authorization: Basic eDp5');
  expect(received).toContain('grant_type=refresh_token&refresh_token=shown');
  expect(more).toEqual([]);
  expect(() => second.received()).toThrow('keepsReceived');
});
