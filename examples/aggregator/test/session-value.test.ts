import { expect, test } from '@jest/globals';
import { readSessionValue, writeSessionValue } from '../src/sign-in/session-value.js';

for (const userId of ['ada', 'ada.99999999999999', 'grace@example.com', '.', 'a..b.', '']) {
  test(`the user ${JSON.stringify(userId)} is the same one after signing in`, () => {
    const value = { id: 'an-id', userId, expires: 1_700_000_000_000 };
    expect(readSessionValue(writeSessionValue(value))).toEqual(value);
  });
}

test('a value of another order is signed in as nobody', () => {
  expect(readSessionValue('an-id.ada.1700000000000').expires).toBeNaN();
});
