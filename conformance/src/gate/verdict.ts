import { endingIn } from '../drivers/ending.js';
import type { SuiteReport } from '../suite/suite.js';

/** How one scenario went with one client. */
export interface Verdict {
  readonly passed: boolean;
  /** How many checks of the suite succeeded. */
  readonly checks: number;
  /** What is wrong, a sentence each. */
  readonly problems: readonly string[];
}

/**
 * Everything must be in order: the suite's own exit code, every check, how the client says it ended. The suite takes a
 * client that a signal ended for one that succeeded, and one that may fail may fail for any reason.
 */
export function verdict(report: SuiteReport, expectedEnding: string): Verdict {
  const { exitCode, timedOut, leftOver, checks, clientOutput } = report;
  const ending = endingIn(clientOutput);
  const succeeded = checks.filter(({ status }) => status === 'SUCCESS').length;
  const problems = [
    ...(timedOut ? ['Suite and client had to be killed.'] : []),
    ...(leftOver ? ['A process was left behind.'] : []),
    ...checks
      .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
      .map(({ id, status, errorMessage }) => `${status} ${id}${errorMessage ? `: ${errorMessage}` : ''}`),
    ...(succeeded === 0 ? ['No check succeeded.'] : []),
    ...(ending === expectedEnding
      ? []
      : [
          `The client should have ended as ${expectedEnding}: ${ending ?? 'it was gone before it said how'}.`,
        ]),
  ];
  if (problems.length === 0 && exitCode !== 0)
    problems.push(`The suite ended with exit code ${String(exitCode)}.`);
  return { passed: problems.length === 0, checks: succeeded, problems };
}
