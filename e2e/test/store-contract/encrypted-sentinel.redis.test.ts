import { testContractOn } from '../../../packages/storage-redis/test/support/test-contract-on.js';
import { encryptedHarness } from './support/encrypted-harness.js';

testContractOn('a master and its replica with a sentinel', (harness) =>
  encryptedHarness(harness, 'redis-worker'),
);
