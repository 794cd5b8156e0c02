import { expect, test } from '@jest/globals';
import { AuthorizationRequiredError } from '@mcp-oauth/core';

test('an authorization that is required surfaces through both SDK majors unchanged', () => {
  const error = new AuthorizationRequiredError('https://mcp.example/mcp', 'no_grant');
  expect(error.name).toBe('UnauthorizedError');
  expect(error.code).toBe('authorization_required');
  expect(Reflect.get(error, Symbol.for('mcp.authSeamEscape'))).toBe(true);
});
