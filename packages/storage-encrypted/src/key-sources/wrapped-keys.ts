import { StoreError } from '@mcp-oauth/core';
import { RegisteredKeys } from './registered-keys.js';
import type { RotatingKeySource } from './registered-keys.js';

/** What a key service (AWS KMS, Google Cloud KMS, Vault transit …) does with a key of 32 bytes. */
export interface KeyWrapping {
  /** @param id Names the key. Bind it as encryption context or additional data where the service can. */
  wrap(key: Uint8Array, id: string): Promise<Uint8Array>;
  unwrap(wrapped: Uint8Array, id: string): Promise<Uint8Array>;
}

/**
 * Envelope encryption: the keys are made here, wrapped by a key service, and kept wrapped in the store itself. The
 * service is asked once for each key and process, not for each record.
 */
export function wrappedKeys(wrapping: KeyWrapping): RotatingKeySource {
  return new RegisteredKeys({
    keep: async ({ id, key }) => ({ id, wrapped: base64UrlOf(await wrapping.wrap(key, id)) }),
    fetch: async ({ id, wrapped }) =>
      wrapped === undefined ? undefined : wrapping.unwrap(Buffer.from(wrapped, 'base64url'), id),
    // It was nowhere but in the register entry that was not written.
    discard: () => Promise.resolve(),
    missing: (id) =>
      new StoreError(
        'misconfigured',
        `The token store is encrypted with the key "${id}", which was not wrapped by a key service. Use the key ` +
          'source that made it.',
      ),
  });
}

function base64UrlOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
