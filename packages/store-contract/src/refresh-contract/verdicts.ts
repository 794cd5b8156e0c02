import { must, mustEqual } from '../violation.js';
import type { Family } from './authorization-server/families.js';
import type { CallsReport } from './host/calls.js';

/** Each refresh token was presented once and by one process at a time, and the server has nothing to complain about. */
export function mustHaveRefreshedOncePerExpiry(family: Family, expiries: number): void {
  const presented = [...family.presented].sort(([one], [other]) => one - other);
  const once = Array.from({ length: family.generation - 1 }, (_, index) => [index + 1, 1]);
  mustEqual(presented, once, 'Each refresh token is presented exactly once (generation, how often)');
  mustEqual(family.maxInFlight, 1, 'At most one refresh is in flight');
  mustEqual(family.revoked ?? 'alive', 'alive', 'The grant lives on at the server');
  must(family.generation > expiries, 'Every expiry was followed by a refresh', family.generation);
}

/** No call failed, and everybody went on to the end. */
export function mustHaveSucceeded(reports: readonly CallsReport[]): void {
  const failed = reports.reduce((sum, report) => sum + report.failed, 0);
  const first = reports.flatMap(({ failures }) => failures).slice(0, 3);
  mustEqual(failed, 0, `No call fails. The first failures: ${JSON.stringify(first)}. Their number`);
  const unfinished = reports
    .flatMap(({ owners }) => Object.values(owners))
    .filter(({ end }) => end !== 'done');
  mustEqual(unfinished, [], 'Every process gets the tokens that follow');
}
