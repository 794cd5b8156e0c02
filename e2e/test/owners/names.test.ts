import { expect, test } from '@jest/globals';
import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';

/** Half of a surrogate pair: in UTF-8 all of these are the same three bytes, those of U+FFFD. */
const halves = ['\ud800', '\ud801', '\udfff'];

function client() {
  return createOAuthClient({
    store: new MemoryTokenStore(),
    owners: 'many',
    fetch,
    client: { client_name: 'Host' },
  });
}

test.each([
  ...halves,
  ...halves.map((half) => ({ tenant: half, user: 'alice' })),
  ...halves.map((half) => ({ tenant: 'acme', user: `alice${half}` })),
])('an owner whose name is no text names nobody: %j', async (owner) => {
  const refused = expect.objectContaining({ code: 'invalid_config' });
  await expect(client().partitions({ owner })).rejects.toEqual(refused);
  expect(() => client().session({ owner, resource: 'https://mcp.example.com' })).toThrow(refused);
});

test.each(halves)('a profile whose name is no text is refused: %j', (half) => {
  const open = () => client().session({ owner: 'alice', resource: 'https://mcp.example.com', profile: half });
  expect(open).toThrow(expect.objectContaining({ code: 'invalid_config' }));
});
