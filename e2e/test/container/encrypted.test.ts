import { describe } from '@jest/globals';
import { encryptedStorage, fileStorage, sqliteStorage } from './support/storage.js';
import { testDomain } from './support/test-domain.js';

describe('encrypted files', () => {
  testDomain(() => encryptedStorage(fileStorage));
});

describe('an encrypted SQLite database', () => {
  testDomain(() => encryptedStorage(sqliteStorage));
});
