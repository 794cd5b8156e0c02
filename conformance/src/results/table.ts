import { exceptionOf } from '../columns.js';
import type { Column } from '../columns.js';
import type { CellResult } from '../gate/cells.js';
import type { RowSet } from '../rows.js';

/** A cell of a scenario that this column doesn't have. */
const ABSENT = '';
/** One that can't be filled; what is below the tables says why. */
const EXCEPTED = 'n/a';
const FAILED = 'fails';

/** Scenarios by columns, as the Markdown that its formatter would write. A number is how many checks succeeded. */
export function table(set: RowSet, columns: readonly Column[], results: readonly CellResult[]): string {
  const shown = columns.filter(({ sets }) => sets.includes(set));
  const lines = [
    ['scenario', ...shown.map(({ title }) => title)],
    ...set.scenarios.map((scenario) => [
      `\`${scenario}\``,
      ...shown.map((column) => cellText(set, scenario, column, results)),
    ]),
  ];
  const widths =
    lines[0]?.map((_, index) => Math.max(3, ...lines.map((line) => line[index]?.length ?? 0))) ?? [];
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = lines;
  return [head, widths.map((width) => '-'.repeat(width)), ...body].map(row).join('\n');
}

/** By row, then column: whether that cell passed. Reads what {@link table} wrote. */
export function verdictsIn(markdown: string): ReadonlyMap<string, string> {
  const verdicts = new Map<string, string>();
  let title = '';
  let head: readonly string[] = [];
  for (const line of markdown.split('\n')) {
    if (line.startsWith('## ')) title = line.slice(3);
    if (!line.startsWith('| ')) continue;
    const [first = '', ...cells] = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    if (first === 'scenario') head = cells;
    else if (first.startsWith('`')) {
      for (const [index, cell] of cells.entries())
        verdicts.set(
          `${first.slice(1, -1)} (${title}, ${head[index] ?? ''})`,
          /^\d+$/.test(cell) ? 'passes' : cell,
        );
    }
  }
  return verdicts;
}

function cellText(set: RowSet, scenario: string, column: Column, results: readonly CellResult[]): string {
  if (exceptionOf(column, scenario)) return EXCEPTED;
  const result = results.find(
    ({ row, column: of }) => row.set === set && row.scenario === scenario && of.id === column.id,
  );
  if (!result) return ABSENT;
  return result.verdict.passed ? String(result.verdict.checks) : FAILED;
}
