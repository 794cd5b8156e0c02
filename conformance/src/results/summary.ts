import { readFileSync } from 'node:fs';
import { setsOf } from '../columns.js';
import type { Column } from '../columns.js';
import type { CellResult } from '../gate/cells.js';
import { table, verdictsIn } from './table.js';

const packages = [
  '@modelcontextprotocol/conformance',
  '@modelcontextprotocol/sdk',
  '@modelcontextprotocol/client',
];

/** What `results.md` says of a whole run. */
export function summary(columns: readonly Column[], results: readonly CellResult[]): string {
  return `# What the official conformance suite says

${versions()}

Written by \`npm run conformance -- --update\`, and compared by \`npm run conformance\`. A number is how many checks of the
scenario succeeded; a cell has one only where none failed or warned, and where the client ended as it should. The last
columns of the first table are \`session.fetch\` of v2 over other stores than memory. At 2026-07-28 it is the transport of
SDK v1 that calls, since its client can't speak that revision.

${setsOf(columns)
  .map((set) => `## ${set.title}\n\n${table(set, columns, results)}`)
  .join('\n\n')}

## What can't be filled

${columns.flatMap(exceptionTexts).join('\n')}
`;
}

/** Where a run differs from what was committed, as sentences. */
export function summaryDifferences(committed: string, now: string): readonly string[] {
  const [was, is] = [verdictsIn(committed), verdictsIn(now)];
  const changed = [...new Set([...was.keys(), ...is.keys()])]
    .filter((cell) => was.get(cell) !== is.get(cell))
    .map((cell) => `${cell}: was ${was.get(cell) ?? 'not there'}, is ${is.get(cell) ?? 'not there'}.`);
  return committed.includes(versions()) ? changed : [`It is not of ${versions()}.`, ...changed];
}

function exceptionTexts({ title, exceptions }: Column): readonly string[] {
  return exceptions.map(({ scenarios, reason, reproduction }) => {
    const names = scenarios.map((scenario) => `\`${scenario}\``).join(', ');
    return `- ${title}, ${names}: ${reason} Shown by \`exceptions/${reproduction}\`.`;
  });
}

/** Each is pinned. */
function versions(): string {
  const { dependencies } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { readonly dependencies: Readonly<Record<string, string>> };
  return packages.map((name) => `\`${name}\` ${dependencies[name] ?? ''}`).join(' · ');
}
