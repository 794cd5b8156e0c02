import { expect, test } from '@jest/globals';
import { countTokenRequests, refreshesForOneExpiry, type TokenRequest } from '@mcp-oauth/e2e';

const SECONDS = 4;
const login: TokenRequest = { at: 0, grantType: 'authorization_code', presented: 'code-1', issued: ['r1'] };

function refresh(at: number, number: number): TokenRequest {
  return { at, grantType: 'refresh_token', presented: `r${number}`, issued: [`r${number + 1}`] };
}

function counted(...refreshes: readonly TokenRequest[]): readonly number[] {
  const before = countTokenRequests([login], SECONDS);
  const after = countTokenRequests([login, ...refreshes], SECONDS);
  return [after.dueRefreshes, after.needlessRefreshes, refreshesForOneExpiry(before, after)];
}

test.each([
  ['none', [], [0, 0, 0]],
  ['one of a token that has ended', [refresh(4_300, 1)], [1, 0, 1]],
  ['one, and an early one of the next token', [refresh(4_300, 1), refresh(6_400, 2)], [2, 0, 1]],
  ['two of one token', [refresh(4_300, 1), refresh(4_301, 1)], [1, 1, 2]],
  ['a chain', [refresh(4_300, 1), refresh(4_301, 2), refresh(4_302, 3)], [1, 2, 3]],
  ['one of a token that is young', [refresh(10, 1)], [0, 1, 1]],
  ['one of no known token', [{ ...refresh(4_300, 1), presented: undefined }], [0, 1, 1]],
])('of the refreshes those that nothing explains are told: %s', (_, refreshes, expected) => {
  expect(counted(...refreshes)).toEqual(expected);
});
