import { StoreError } from '../errors.js';
import type { StoreErrorKind } from '../errors.js';
import type { ListedRecord, TokenStore } from '../ports/token-store.js';

/** The records of one kind in a partition, which the beginning of their ids tells. */
export async function listByPrefix(
  store: TokenStore,
  partition: string,
  prefix: string,
): Promise<readonly ListedRecord[]> {
  return (await store.list(partition, { after: prefix })).filter(({ id }) => id.startsWith(prefix));
}

/** What `decode` makes of a record; `undefined` for one that can't be read for such a reason. */
export function readable<T>(
  value: Uint8Array,
  decode: (value: Uint8Array) => T,
  ...unreadable: readonly StoreErrorKind[]
): T | undefined {
  try {
    return decode(value);
  } catch (error) {
    if (error instanceof StoreError && unreadable.includes(error.kind)) return undefined;
    throw error;
  }
}
