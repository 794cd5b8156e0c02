import { expect, test } from '@jest/globals';
import { InvalidConfigError } from '@mcp-oauth/core';
import { readConfiguration } from '../src/configuration/replica-configuration.js';

const secret = 'cnry_secret_0123456789abcdef0123456789abcdef';
const remote = { url: 'https://mcp.example.com/mcp', auth: { type: 'oauth' } };
const env = {
  PUBLIC_URL: 'https://tools.example.com',
  REDIS_URL: `redis://:${secret}@redis.internal`,
  SESSION_SECRET: secret,
  MCP_SERVERS: JSON.stringify({ mcpServers: { remote } }),
  PORT: '8080',
};

test('a replica is configured by its environment', () => {
  const configuration = readConfiguration({
    ...env,
    ALLOWED_ORIGINS: ' http://a.internal, http://b.internal ,',
  });
  expect(configuration).toMatchObject({
    address: { hostname: '127.0.0.1', port: 8080 },
    allowedOrigins: ['http://a.internal', 'http://b.internal'],
  });
  expect([...configuration.servers.keys()]).toEqual(['remote']);
  const { sessions, forms, notices, oauth } = configuration.keys;
  const keys = [sessions, forms, notices, oauth].map((key) => Buffer.from(key).toString('hex'));
  expect(new Set(keys).size).toBe(4);
});

test('a replica may have any name that a header can', () => {
  expect(readConfiguration({ ...env, REPLICA: 'Räuber 1' }).name).toBe('Räuber 1');
  expect(readConfiguration(env).name).not.toBe('');
});

const unfit: readonly [string, Record<string, string>, string][] = [
  ['a variable that is missing', { REDIS_URL: '' }, 'REDIS_URL is not set'],
  ['a port that is none', { PORT: '80 80' }, 'PORT must be a port number'],
  ['a public address with a path', { PUBLIC_URL: 'https://a.example/app' }, 'PUBLIC_URL must be an origin'],
  ['plain http on the network', { PUBLIC_URL: 'http://a.example' }, 'PUBLIC_URL must be https'],
  ['a secret that can be guessed', { SESSION_SECRET: 'cnry_short' }, 'at least 32 random characters'],
  ['servers that are no JSON', { MCP_SERVERS: secret }, 'no valid JSON'],
  ['no servers', { MCP_SERVERS: '{"mcpServers": {}}' }, 'names no server'],
  ['a command', { MCP_SERVERS: '{"mcpServers": {"x": {"command": "sh"}}}' }, 'it starts a command'],
  [
    'a server with one key for everybody',
    {
      MCP_SERVERS: `{"mcpServers": {"x": {"url": "https://x.example", "auth": {"type": "apiKey", "key": "${secret}"}}}}`,
    },
    'do not log in by OAuth',
  ],
  [
    'a secret in the query of an address',
    {
      MCP_SERVERS: `{"mcpServers": {"x": {"url": "https://x.example/mcp?key=${secret}", "auth": {"type": "oauth"}}}}`,
    },
    'mcpServers.x.url has a query',
  ],
  ['a name that no header can hold', { REPLICA: 'cnry_レプリカ' }, 'REPLICA must be'],
  ['a name of two lines', { REPLICA: 'cnry_a\r\nb: c' }, 'REPLICA must be'],
  ['a name of no characters', { REPLICA: '' }, 'REPLICA must be'],
];

for (const [what, change, message] of unfit) {
  test(`${what} is refused by name, and no value is repeated`, () => {
    const attempt = () => readConfiguration({ ...env, ...change });
    expect(attempt).toThrow(InvalidConfigError);
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow('cnry_');
  });
}
