import { testContractsEncryptedOn } from './support/test-redis-contracts.js';

testContractsEncryptedOn('a cluster of three');
