import { expect, test } from '@jest/globals';
import { StepUpExhaustedError } from '@mcp-oauth/core';
import { troubleOf } from '../src/trouble/trouble-of.js';

test('a person who has declined more permission is told so, and may still connect again to allow it', () => {
  const resource = 'https://mcp.example/mcp';
  expect(troubleOf(new StepUpExhaustedError(resource, 'denied', 'mcp:admin'))).toMatchObject({
    status: 403,
    words: expect.stringContaining('declined'),
    login: { resource, scope: 'mcp:admin' },
  });
});
