import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Column } from '../columns.js';
import { expectedEnding } from '../rows.js';
import type { Suite } from '../suite/suite.js';
import type { Cell, CellResult } from './cells.js';
import type { Stores } from './stores.js';
import { verdict } from './verdict.js';

/** Each takes two processes, which take turns. */
const SIDE_BY_SIDE = 2;
/** What of the output of a failing client is shown, in characters. */
const SHOWN_OUTPUT = 4_000;

export interface RunOptions {
  readonly suite: Suite;
  readonly stores: Stores;
  /** The command that a suite starts for a column, without the server's address. */
  readonly client: (column: Column, store: string) => readonly string[];
  /** For what the suite writes. */
  readonly directory: string;
  readonly write: (text: string) => void;
  /** Whether the output of the suite is shown as it comes. */
  readonly verbose: boolean;
  readonly signal: AbortSignal;
}

/** Runs cells side by side, and tells of them in their order. */
export async function runCells(cells: readonly Cell[], options: RunOptions): Promise<readonly CellResult[]> {
  const { write, verbose } = options;
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  const waiting = [...cells.entries()];
  const told: (Told | undefined)[] = cells.map(() => undefined);
  const results: CellResult[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, cell] = next;
      told[index] = await runCell(cell, index, { ...options, signal });
      for (let ready = told[results.length]; ready; ready = told[results.length]) {
        write(ready.text);
        results.push(ready.result);
      }
    }
  };
  const workers = Array.from({ length: verbose ? 1 : SIDE_BY_SIDE }, worker);
  try {
    await Promise.all(workers);
  } catch (error) {
    // Nothing may still write where everything is about to be removed.
    broken.abort(error);
    await Promise.allSettled(workers);
    throw error;
  }
  return results;
}

interface Told {
  readonly result: CellResult;
  readonly text: string;
}

async function runCell(cell: Cell, index: number, options: RunOptions): Promise<Told> {
  const { suite, stores, client, verbose, write, signal } = options;
  const { row, column } = cell;
  const directory = join(options.directory, String(index));
  await mkdir(directory);
  const begun = performance.now();
  const report = await suite.run({
    scenario: row.scenario,
    wire: row.set.wire,
    client: client(column, stores.address(column.store, index)),
    directory,
    signal,
    ...(verbose ? { onOutput: write } : {}),
  });
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  const judged = verdict(report, expectedEnding(row.scenario));
  const head = `${judged.passed ? 'ok    ' : 'FAILED'} ${row.scenario} ${row.set.wire} ${column.id}`;
  const problems = judged.problems.map((problem) => `       ${problem}\n`);
  const output =
    judged.passed || verbose ? '' : indented(stripVTControlCharacters(report.output).slice(-SHOWN_OUTPUT));
  return {
    result: { ...cell, verdict: judged },
    text: `${head} (${String(judged.checks)} checks, ${seconds} s)\n${problems.join('')}${output}`,
  };
}

function indented(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, '       | ') + '\n';
}
