import { fileStorage } from './support/storage.js';
import { testDomain } from './support/test-domain.js';

testDomain(fileStorage);
