import { expect, test } from '@jest/globals';
import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';

const oauth = createOAuthClient({ store: new MemoryTokenStore(), client: { client_name: 'Test host' } });
const session = (issuer: string) => oauth.session({ resource: 'https://mcp.example/mcp' }, { issuer });

test.each([
  'http://as.example',
  'https://as.example/?tenant=a',
  'https://as.example/#a',
  'https://u:cnry-password@as.example',
  'as.example',
  'javascript:alert(1)',
  '',
])('a session with the issuer %j is refused, and the message does not repeat it', (issuer) => {
  expect(() => session(issuer)).toThrow(expect.objectContaining({ code: 'invalid_config' }));
  expect(() => session(issuer)).toThrow(/^The issuer of a session can't be an authorization server/);
  expect(() => session(issuer)).not.toThrow(/cnry/);
});

test.each(['https://as.example', 'https://as.example/tenant/a', 'http://localhost:8080'])(
  'a session with the issuer %j is made',
  (issuer) => {
    expect(session(issuer).key.resource).toBe('https://mcp.example/mcp');
  },
);
