import type { TokenStore } from '../ports/token-store.js';
import { listByPrefix, readable } from '../record/record-list.js';
import { digestId } from '../session-key/digest.js';
import { lengthPrefixed } from '../session-key/session-key.js';
import { decodeCredentials } from './credentials-codec.js';
import type { Credentials } from './credentials.js';

/** What the ids of credentials records begin with. */
const CREDENTIALS_PREFIX = 'credentials-';

/** The id of the one record of a session key, within its owner's partition. */
export async function credentialsId(resource: string, profile: string): Promise<string> {
  return CREDENTIALS_PREFIX + (await digestId(lengthPrefixed([resource, profile])));
}

export interface ListedCredentials {
  readonly id: string;
  /** `undefined` for a record that nobody can read. */
  readonly credentials: Credentials | undefined;
}

/** Everything that one owner has, at a cost that grows with that alone. */
export async function listCredentials(
  store: TokenStore,
  partition: string,
): Promise<readonly ListedCredentials[]> {
  const records = await listByPrefix(store, partition, CREDENTIALS_PREFIX);
  return records.map(({ id, value }) => ({ id, credentials: readable(value, decodeCredentials, 'corrupt') }));
}
