import { OAuthClientError, StoreError } from '../errors.js';
import type { StoreErrorKind } from '../errors.js';
import { DeadlineExceeded } from '../time/deadline.js';
import { healthChecks } from './health-report.js';
import type { HealthCheckId, HealthFinding, HealthReport } from './health-report.js';

/** What kept a step from its result. */
export type Trouble = OAuthClientError | DeadlineExceeded;

export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly trouble: Trouble };

/** Runs one step, whose trouble must not hide what the others find. The caller's own abort ends them all. */
export async function outcome<T>(signal: AbortSignal, step: () => Promise<T> | T): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await step() };
  } catch (error) {
    if (signal.aborted && !(signal.reason instanceof DeadlineExceeded)) throw signal.reason;
    if (error instanceof OAuthClientError || error instanceof DeadlineExceeded) {
      return { ok: false, trouble: error };
    }
    throw error;
  }
}

export function ok(check: HealthCheckId, message: string): HealthFinding {
  return { check, status: 'ok', message };
}

export function warning(check: HealthCheckId, message: string, remedy: string): HealthFinding {
  return { check, status: 'warning', message, remedy };
}

export function problem(check: HealthCheckId, message: string, remedy: string): HealthFinding {
  return { check, status: 'problem', message, remedy };
}

export function unknown(check: HealthCheckId, message: string): HealthFinding {
  return { check, status: 'unknown', message };
}

/** A step that ran into trouble. Where the time for all of them was over, nobody is to blame for this one. */
export function troubled(check: HealthCheckId, trouble: Trouble, remedy: string): HealthFinding {
  if (trouble instanceof DeadlineExceeded) return unknown(check, 'It could not be found out in time.');
  return problem(
    check,
    trouble.message,
    trouble instanceof StoreError ? storeRemedies[trouble.kind] : remedy,
  );
}

const storeRemedies: Record<StoreErrorKind, string> = {
  unavailable: 'See that the token store runs and can be reached from here. No login is lost by this.',
  misconfigured: 'Configure the token store as the message says.',
  corrupt: 'Restore the token store from a copy, or give the login up by invalidate("all") and log in again.',
  permission: 'Give this process the right to read and write the token store.',
  full: 'Make room in the token store.',
  read_only: 'Let this process write to the token store.',
  schema: 'Update this program to the release that wrote the record.',
  busy: 'Try again. If it stays so, find out what holds the token store.',
  key_unavailable: 'Give this process the key that the records were encrypted with.',
};

/** All checks in their order; one that nobody reached is unknown. */
export function healthReport(
  resource: string,
  profile: string,
  found: readonly HealthFinding[],
): HealthReport {
  const findings = healthChecks.map(
    (check) =>
      found.find((finding) => finding.check === check) ??
      unknown(check, 'It could not be looked at: see what is wrong before it.'),
  );
  const has = (status: HealthFinding['status']): boolean =>
    findings.some((finding) => finding.status === status);
  const status = has('problem') ? 'problem' : has('warning') ? 'warning' : 'ok';
  return { resource, profile, status, findings };
}
