import { fileURLToPath } from 'node:url';
import type { Exception } from '../exceptions.js';
import { runGroup } from '../suite/process-group.js';
import type { Selection } from './cells.js';

const TIMEOUT_MS = 30_000;

/** Shows that what can't be filled still can't. A limit that is gone is a problem: its cells have to be filled then. */
export async function reproductionProblems(
  exceptions: readonly Exception[],
  { scenario, driver }: Selection,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const exception of exceptions) {
    if (driver !== undefined && driver !== exception.driver) continue;
    if (scenario !== undefined && !exception.scenarios.includes(scenario)) continue;
    const path = fileURLToPath(new URL(`../../exceptions/${exception.reproduction}`, import.meta.url));
    const { exitCode, output } = await runGroup([process.execPath, path], { timeoutMs: TIMEOUT_MS, signal });
    if (exitCode !== 0)
      problems.push(`${exception.reproduction} shows its limit no more:\n${output.trimEnd()}`);
  }
  return problems;
}
