import { expect, test } from '@jest/globals';
import { parseMcpServers } from '@mcp-oauth/transport-factory';

const parse = (server: unknown, env: Record<string, string> = {}) =>
  parseMcpServers({ mcpServers: { github: server } }, { env }).mcpServers['github'];

const refusal = (server: unknown): string => {
  try {
    parse(server);
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_config' });
    return (error as Error).message;
  }
  throw new Error('It was accepted.');
};

const URL = 'https://mcp.example/mcp';

test('the configuration that people have is read as it is, and empty texts count as absent', () => {
  const oauth21 = { scopes: [], callbackPort: 9876, clientId: '', clientSecret: '' };
  expect(parse({ url: URL, auth: { type: 'oauth', oauth21 } })).toEqual({
    type: 'http',
    url: URL,
    auth: {
      type: 'oauth',
      oauth21: { scopes: undefined, callbackPort: 9876, clientId: undefined, clientSecret: undefined },
    },
  });
});

test('JSON text is read like the object', () => {
  const text = JSON.stringify({ mcpServers: { local: { command: 'node', args: ['server.js'] } } });
  expect(parseMcpServers(text, { env: {} }).mcpServers['local']).toEqual({
    type: 'stdio',
    command: 'node',
    args: ['server.js'],
  });
});

test('every text may name variables, with or without a default', () => {
  const server = { url: 'https://${HOST:-mcp.example}/mcp', auth: { type: 'bearer', token: '${TOKEN}' } };
  expect(parse(server, { TOKEN: 'cnry' })).toMatchObject({ url: URL, auth: { token: 'cnry' } });
});

test.each([
  [{ type: 'sse' }, 'sse'],
  [{ transport: 'sse' }, 'sse'],
  [{ transport: 'streamable-http' }, 'http'],
  [{ type: 'http', transport: 'streamable-http' }, 'http'],
  [{}, 'http'],
])('%j means the transport %s', (named, type) => {
  expect(parse({ url: URL, ...named })).toEqual({ type, url: URL });
});

test('a program may be marked as stdio by type or transport', () => {
  for (const named of [{}, { type: 'stdio' }, { transport: 'stdio' }]) {
    expect(parse({ command: 'node', ...named })).toEqual({ type: 'stdio', command: 'node' });
  }
});

test.each([
  [{ url: URL, type: 'sse', transport: 'http' }, 'mcpServers.github.transport: differs from type'],
  [{ command: 'node', type: 'sse' }, `mcpServers.github.type: expected 'stdio' beside command`],
  [
    { url: URL, auth: { type: 'magic' } },
    `mcpServers.github.auth.type: expected one of 'oauth', 'bearer', 'basic', 'apiKey'`,
  ],
  [{ auth: { type: 'oauth' } }, 'mcpServers.github.url: expected a text'],
  [
    { url: URL, auth: { type: 'oauth', oauth21: { callbackPort: '9876' } } },
    'mcpServers.github.auth.oauth21.callbackPort: expected a port number',
  ],
  [
    { url: URL, auth: { type: 'oauth', oauth21: { callbackPort: 70_000 } } },
    'mcpServers.github.auth.oauth21.callbackPort: expected a port from 1 to 65535',
  ],
  [
    { url: URL, auth: { type: 'bearer', token: '${NOT_THERE}' } },
    'mcpServers.github.auth.token: the environment variable NOT_THERE is not set',
  ],
  [
    { url: URL, auth: { type: 'oauth', oauth21: { clientSecret: 's' } } },
    'mcpServers.github.auth.oauth21.clientId: is missing beside clientSecret',
  ],
  [{ url: URL, authentication: {} }, 'mcpServers.github: unknown key authentication'],
  [
    { url: 'http://mcp.example/mcp' },
    'mcpServers.github.url: must be https; plain http is for this machine only',
  ],
  [{ url: 'file:///etc/passwd' }, 'mcpServers.github.url: must be https'],
  [{ url: URL, type: 'websocket' }, `mcpServers.github.type: expected 'http', 'streamable-http' or 'sse'`],
  [{ command: '' }, 'mcpServers.github.command: must not be empty'],
  [{ command: 'node', args: 'server.js' }, 'mcpServers.github.args: expected a list of texts'],
  ['https://mcp.example/mcp', 'mcpServers.github: expected an object'],
])('%j is refused by one message that names server and key', (server, message) => {
  expect(refusal(server)).toBe(`The MCP configuration can't be used. ${message}.`);
});

test('everything that is wrong is told at once, and no value is repeated', () => {
  const secret = 'cnry_token_0123456789abcdef0123456789abcdef';
  const text = refusal({
    url: `https://user:${secret}@mcp.example/`,
    auth: { type: 'bearer', token: [secret] },
  });
  expect(text).toContain('mcpServers.github.url');
  expect(text).toContain('mcpServers.github.auth.token');
  expect(text.includes(secret)).toBe(false);
});

test('what is no configuration is said to be none, and its text is not repeated', () => {
  expect(() => parseMcpServers('{ "token": cnry')).toThrow('The MCP configuration is no valid JSON.');
  expect(() => parseMcpServers({ servers: {} })).toThrow(/has no mcpServers/);
});

test('a server may have the name of a built-in', () => {
  const json =
    '{ "mcpServers": { "__proto__": { "url": "https://a.example/" }, "constructor": { "command": "x" } } }';
  const { mcpServers } = parseMcpServers(json, { env: {} });
  expect(mcpServers.constructor).toMatchObject({ command: 'x' });
  expect(mcpServers.toString).toBeUndefined();
  expect(Object.hasOwn({}, 'url')).toBe(false);
});
