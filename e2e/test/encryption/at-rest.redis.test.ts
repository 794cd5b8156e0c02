import { describe } from '@jest/globals';
import { redisStorage } from './support/storage.js';
import { testNothingReadable } from './support/test-nothing-readable.js';
import { testSwappedRecords } from './support/test-swapped-records.js';

describe('an encrypted Redis', () => {
  testNothingReadable(redisStorage, ['dump.rdb', 'appendonly.aof.1.incr.aof']);
  testSwappedRecords(redisStorage);
});
