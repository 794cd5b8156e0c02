import { testContractOn } from '../../../packages/storage-redis/test/support/test-contract-on.js';
import { encryptedHarness } from './support/encrypted-harness.js';

testContractOn('a cluster of three', (harness) => encryptedHarness(harness, 'redis-worker'));
