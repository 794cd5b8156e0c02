import { testContractsEncryptedOn } from './support/test-redis-contracts.js';

testContractsEncryptedOn('a master and its replica with a sentinel');
