import type { TokenStore } from '@mcp-oauth/core';
import type { ServiceIdentifier } from 'inversify';

/** The store below the encryption. It holds what is encrypted, as it is. */
export const encryptedRecordsIdentifier: ServiceIdentifier<TokenStore> = Symbol.for(
  '@mcp-oauth/storage-encrypted/EncryptedRecords',
);
