import { describe, expect, test } from '@jest/globals';
import { sqliteStorage } from './support/storage.js';
import { testNothingReadable } from './support/test-nothing-readable.js';
import { testSwappedRecords } from './support/test-swapped-records.js';
import { formsOf, traces } from './support/traces.js';

describe('an encrypted SQLite file', () => {
  testNothingReadable(sqliteStorage, ['tokens.db', 'tokens.db-shm', 'tokens.db-wal']);
  testSwappedRecords(sqliteStorage);
});

test('what is searched for is found in every form, wherever it begins', () => {
  const needle = 'http://127.0.0.1:8080/mcp?a=1';
  for (const before of ['', 'a', 'ab', 'abc']) {
    const around = Buffer.from(`${before}${needle}…`);
    for (const text of [
      around,
      around.toString('hex'),
      around.toString('base64'),
      around.toString('base64url'),
      Buffer.from(around.toString(), 'utf16le'),
      encodeURIComponent(around.toString()),
      around.toString('hex').replaceAll(/../g, '%$&'),
      JSON.stringify(around.toString()).replaceAll('/', '\\/'),
    ]) {
      const files = new Map([['file', Buffer.from(text as string)]]);
      expect(traces(files, { address: [needle] })).toEqual(['address in file']);
      expect(traces(files, { address: [`${needle}0`] })).toEqual([]);
    }
  }
  expect(formsOf(Buffer.of(0xff, 0, 1)).map((form) => form.toString('latin1'))).toContain('ff0001');
});
