import { describe } from '@jest/globals';
import { encryptedStorage, redisStorage } from './support/storage.js';
import { testDomain } from './support/test-domain.js';

describe('Redis', () => {
  testDomain(redisStorage);
});

describe('an encrypted Redis', () => {
  testDomain(() => encryptedStorage(redisStorage));
});
