import { testContractOn } from '../../../packages/storage-redis/test/support/test-contract-on.js';
import { encryptedHarness } from './support/encrypted-harness.js';

testContractOn('one server', (harness) => encryptedHarness(harness, 'redis-worker'));
