import { testContractOn } from './support/test-contract-on.js';

testContractOn('one server');
