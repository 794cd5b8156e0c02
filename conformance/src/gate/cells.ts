import { exceptionOf, setsOf } from '../columns.js';
import type { Column } from '../columns.js';
import type { Row } from '../rows.js';
import type { Verdict } from './verdict.js';

/** One scenario with one way of using this library. */
export interface Cell {
  readonly row: Row;
  readonly column: Column;
}

export interface CellResult extends Cell {
  readonly verdict: Verdict;
}

export interface Selection {
  readonly scenario?: string | undefined;
  readonly driver?: string | undefined;
}

/** All cells that can be filled, in the order of the table. */
export function cellsOf(columns: readonly Column[], { scenario, driver }: Selection = {}): readonly Cell[] {
  return rowsOf(columns)
    .filter((row) => scenario === undefined || row.scenario === scenario)
    .flatMap((row) =>
      columns
        .filter(({ id }) => driver === undefined || id === driver)
        .filter((column) => column.sets.includes(row.set) && !exceptionOf(column, row.scenario))
        .map((column) => ({ row, column })),
    );
}

export function rowsOf(columns: readonly Column[]): readonly Row[] {
  return setsOf(columns).flatMap((set) => set.scenarios.map((scenario) => ({ set, scenario })));
}
