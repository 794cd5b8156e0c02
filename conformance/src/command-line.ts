import { parseArgs } from 'node:util';
import { columns } from './columns.js';
import { rowsOf } from './gate/cells.js';

export const usage = `npm run conformance -- [--scenario <name>] [--driver <name>]
npm run conformance -- --update

  --scenario <name>  this scenario alone, as auth/dpop, with all of its output
  --driver <name>    this driver alone: ${columns.map(({ id }) => id).join(', ')}
  --update           write conformance/results.md anew
`;

export interface GateOptions {
  readonly scenario: string | undefined;
  readonly driver: string | undefined;
  readonly update: boolean;
}

/** The command line was not understood. */
export class UsageError extends Error {}

/** @throws {UsageError} */
export function gateOptions(args: readonly string[]): GateOptions {
  const { scenario, driver, update } = parsed(args);
  const scenarios = new Set(rowsOf(columns).map((row) => row.scenario));
  if (scenario !== undefined && !scenarios.has(scenario))
    throw new UsageError(`There is no scenario ${scenario}. There are: ${[...scenarios].join(', ')}`);
  if (driver !== undefined && !columns.some(({ id }) => id === driver))
    throw new UsageError(`There is no driver ${driver}.`);
  if (update && (scenario ?? driver) !== undefined)
    throw new UsageError('The results are written from a run of everything.');
  return { scenario, driver, update };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        scenario: { type: 'string' },
        driver: { type: 'string' },
        update: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')) throw error;
    throw new UsageError((error as Error).message);
  }
}
