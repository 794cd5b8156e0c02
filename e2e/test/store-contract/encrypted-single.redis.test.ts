import { testContractsEncryptedOn } from './support/test-redis-contracts.js';

testContractsEncryptedOn('one server');
