import { testContractOn } from './support/test-contract-on.js';

testContractOn('a cluster of three');
