import type { CredentialsRepository } from '../credentials/credentials-repository.js';
import type { Grant } from '../credentials/credentials.js';

/** `stored` it is there · `adopted` something newer is · `gone` a person has ended the grant meanwhile. */
export type CommitResult =
  { readonly outcome: 'stored' | 'adopted'; readonly grant: Grant } | { readonly outcome: 'gone' };

/**
 * Stores a renewed grant, fenced by token generation and not by who holds the lease: with rotating tokens a success
 * is the only good state, however late it comes and whatever mark others have left meanwhile.
 *
 * @throws {StoreError}
 */
export async function commitGrant(repository: CredentialsRepository, next: Grant): Promise<CommitResult> {
  let result: CommitResult = { outcome: 'gone' };
  await repository.change((current) => {
    const stored = current?.grant;
    if (!current || !stored) {
      result = { outcome: 'gone' };
      return undefined;
    }
    if (stored.grantId !== next.grantId || stored.generation >= next.generation) {
      // A new login or a parallel success. Ours is not revoked: that may end the whole family (RFC 7009 section 2.1).
      result = { outcome: 'adopted', grant: stored };
      return undefined;
    }
    result = { outcome: 'stored', grant: next };
    return { ...current, grant: next };
  });
  return result;
}
