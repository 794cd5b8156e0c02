import { must, mustEqual } from '../violation.js';
import type { Family } from './authorization-server/families.js';
import type { CallsReport } from './host/calls.js';

/**
 * At least so many expiries, each refresh token presented once and by one process at a time, and no call that failed.
 * What the server saw comes first: the failures follow from it.
 */
export function mustHaveRefreshedOncePerExpiry(
  family: Family,
  expiries: number,
  reports: readonly CallsReport[] = [],
): void {
  const failures = reports.flatMap((report) => report.failures);
  const told = failures[0] ? `, while a call failed with "${failures[0].message}"` : '';
  const presented = [...family.presented].sort(([one], [other]) => one - other);
  const once = Array.from({ length: Math.max(expiries, family.generation - 1) }, (_, index) => [
    index + 1,
    1,
  ]);
  mustEqual(presented, once, `Each refresh token is presented exactly once (generation, how often)${told}`);
  mustEqual(family.maxInFlight, 1, 'At most one refresh is in flight');
  mustEqual(family.revoked ?? 'alive', 'alive', 'The grant lives on at the server');
  must(failures.length === 0, 'No call fails', failures.slice(0, 3));
  const owners = reports.flatMap((report) => Object.values(report.owners));
  mustEqual(
    owners.filter(({ end }) => end !== 'done'),
    [],
    'Every process gets the tokens that follow',
  );
}
