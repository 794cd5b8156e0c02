import { setsOf } from '../columns.js';
import type { Column } from '../columns.js';
import { summary, summaryDifferences } from '../results/summary.js';
import { table } from '../results/table.js';
import { rowDifferences } from '../rows.js';
import { listedScenarios } from '../suite/listed-scenarios.js';
import { cellsOf } from './cells.js';
import type { CellResult, Selection } from './cells.js';
import { reproductionProblems } from './reproductions.js';
import { runCells } from './run-cells.js';
import type { RunOptions } from './run-cells.js';
import { Stores } from './stores.js';

const SHOWN_DIFFERENCES = 20;

export interface GateOptions extends Omit<RunOptions, 'stores' | 'verbose'> {
  readonly columns: readonly Column[];
  readonly selection: Selection;
  /** The results to compare with. Without them, those of this run are published. */
  readonly committed: string | undefined;
  readonly publish: (summary: string) => Promise<void>;
}

export interface GateCounts {
  readonly passed: number;
  readonly failed: number;
}

/**
 * Runs the official suite against every way of using this library. The last line that it writes is
 * `N passed, N failed`, counted in cells; what else must hold is counted where it fails.
 */
export async function runGate(options: GateOptions): Promise<GateCounts> {
  const { suite, columns, selection, write, committed, publish, signal } = options;
  const isWhole = selection.scenario === undefined && selection.driver === undefined;
  const listed = listedScenarios(
    await suite.list('--client'),
    await suite.list('--requirements', '2026-07-28'),
  );
  const failures = [...rowDifferences(listed)];
  const results = await fill(options);
  failures.push(...(await reproductionProblems(columns, selection, signal)));
  if (isWhole) {
    const now = summary(columns, results);
    if (committed === undefined) await publish(now);
    else failures.push(...outdated(summaryDifferences(committed, now)));
    for (const set of setsOf(columns)) write(`\n${set.title}\n\n${table(set, columns, results)}\n`);
  }
  write('\n');
  for (const { row, column, verdict } of results)
    if (!verdict.passed) write(`FAILED ${row.scenario} ${row.set.wire} ${column.id}\n`);
  for (const failure of failures) write(`FAILED ${failure}\n`);
  const passed = results.filter(({ verdict }) => verdict.passed).length;
  const failed = results.length - passed + failures.length;
  write(`\n${String(passed)} passed, ${String(failed)} failed\n`);
  return { passed, failed };
}

/** One failure, however much has changed. */
function outdated(differences: readonly string[]): readonly string[] {
  if (differences.length === 0) return [];
  const shown = differences.slice(0, SHOWN_DIFFERENCES).map((text) => `\n       ${text}`);
  const more = differences.length > SHOWN_DIFFERENCES ? '\n       …' : '';
  return [
    `conformance/results.md says something else. If that is meant: npm run conformance -- --update${shown.join('')}${more}`,
  ];
}

async function fill(options: GateOptions): Promise<readonly CellResult[]> {
  const cells = cellsOf(options.columns, options.selection);
  const stores = await Stores.open(new Set(cells.map(({ column }) => column.store)), options.directory);
  try {
    return await runCells(cells, { ...options, stores, verbose: cells.length === 1 });
  } finally {
    await stores.close();
  }
}
