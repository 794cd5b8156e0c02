import { testContractOn } from './support/test-contract-on.js';

testContractOn('a master and its replica with a sentinel');
