import type { CredentialsRepository } from '../credentials/credentials-repository.js';
import type { Grant } from '../credentials/credentials.js';
import type { RevocationReport } from './revocation.js';

const MAX_ROUNDS = 5;

const NOTHING_TO_REVOKE: RevocationReport = { refresh_token: 'absent', access_token: 'absent' };

/**
 * Revokes the grant that stands in a record and deletes the record, whose epoch goes with it: whatever login or refresh
 * is under way finds nothing to commit over, and gives back at the server what it got.
 *
 * @throws {StoreError}
 */
export async function endGrant(
  repository: CredentialsRepository,
  revoke: (grant: Grant) => Promise<RevocationReport>,
): Promise<RevocationReport> {
  let report = NOTHING_TO_REVOKE;
  let stored = await repository.get();
  // A refresh may put a newer token set there between our request and our delete: then that one is revoked too.
  for (let round = 0; stored && round < MAX_ROUNDS; round++) {
    const { grant } = stored.credentials;
    if (grant) report = await revoke(grant);
    const result = await repository.put(stored, null);
    stored = result.ok ? null : result.stored;
  }
  return report;
}
