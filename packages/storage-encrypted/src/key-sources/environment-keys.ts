import { StoreError } from '@mcp-oauth/core';
import type { KeySource } from '../key-ring.js';
import { howToMake, readKeyText } from './key-text.js';

/**
 * Keys from an environment variable: `id:key` pairs separated by commas, newest first, each key 32 bytes as base64 or
 * base64url. Text that a person could have made up is refused.
 *
 * Whoever may look at the process can read them there. Where a file or a key service is at hand, they are better.
 */
export function environmentKeys(name: string): KeySource {
  return {
    load: async () => {
      const text = process.env[name];
      if (text === undefined || text === '')
        throw new StoreError(
          'key_unavailable',
          `The environment variable ${name} is not set, which holds the keys of the token store. Set it to "id:key". ` +
            howToMake,
        );
      return Promise.resolve(readKeyText(text, `The environment variable ${name}`));
    },
  };
}
