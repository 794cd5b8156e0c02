import { expect, test } from '@jest/globals';
import Database from 'better-sqlite3';

test('the native driver was built for the running Node and answers a query', () => {
  const database = new Database(':memory:');
  try {
    expect(database.prepare('SELECT 6 * 7 AS answer').get()).toEqual({ answer: 42 });
  } finally {
    database.close();
  }
});
