import { expect, test } from '@jest/globals';
import { TokenRequestError, TransientError } from '@mcp-oauth/core';
import { requested, tokenRefused } from '../../src/machine-login/token-refusal.js';
import { ProtocolFailure } from '../../src/protocol/protocol-failure.js';

const issuer = 'https://as.example';

async function shown(failure: Error): Promise<unknown> {
  return await requested(issuer, 'the client', Promise.reject(failure)).catch((error: unknown) => error);
}

test.each(['invalid_client', 'unauthorized_client', 'invalid_scope', 'invalid_grant', 'something_new'])(
  '%s is a refusal for good, and says who refused what',
  async (error) => {
    const refusal = await shown(new ProtocolFailure('refused', { error, status: 401 }));
    expect(refusal).toBeInstanceOf(TokenRequestError);
    expect(refusal).toMatchObject({ issuer, error, status: 401 });
    expect(String(refusal)).toContain(`${issuer} refused the client (${error})`);
  },
);

test.each([
  new ProtocolFailure('unreadable', { status: 200 }),
  new ProtocolFailure('refused', { error: 'temporarily_unavailable', status: 400 }),
  new ProtocolFailure('refused', { error: 'server_error', status: 400 }),
])('a server in trouble has refused nothing (%#)', async (failure) => {
  expect(await shown(failure)).toBeInstanceOf(TransientError);
});

test('an answer that is no token response is told as such, and what is none of ours stays as it is', async () => {
  expect(await shown(new ProtocolFailure('malformed'))).toMatchObject({
    code: 'token_request_failed',
    message: expect.stringContaining('no usable token response'),
  });
  const other = new RangeError('ours');
  expect(await shown(other)).toBe(other);
});

test('a refusal that was written down is the same error again', () => {
  expect(
    tokenRefused({ issuer, problem: 'refused to give a token', error: 'invalid_client', status: 401 }),
  ).toMatchObject({
    code: 'token_request_failed',
    issuer,
    error: 'invalid_client',
    status: 401,
  });
});
