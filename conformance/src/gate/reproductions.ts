import { fileURLToPath } from 'node:url';
import type { Column } from '../columns.js';
import { runGroup } from '../suite/process-group.js';
import type { Selection } from './cells.js';

const TIMEOUT_MS = 30_000;

/** Shows that what can't be filled still can't. A limit that is gone is a problem: its cells have to be filled then. */
export async function reproductionProblems(
  columns: readonly Column[],
  { scenario, driver }: Selection,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const wanted = columns
    .filter(({ id }) => driver === undefined || driver === id)
    .flatMap(({ exceptions }) => exceptions)
    .filter(({ scenarios }) => scenario === undefined || scenarios.includes(scenario));
  for (const { reproduction } of wanted) {
    const path = fileURLToPath(new URL(`../../exceptions/${reproduction}`, import.meta.url));
    const { exitCode, output } = await runGroup([process.execPath, path], { timeoutMs: TIMEOUT_MS, signal });
    if (exitCode !== 0) problems.push(`${reproduction} shows its limit no more:\n${output.trimEnd()}`);
  }
  return problems;
}
