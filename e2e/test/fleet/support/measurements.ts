import { appendFileSync } from 'node:fs';

/** A row of the table that the run prints at its end, under a heading. */
export function measured(heading: string, row: Readonly<Record<string, string | number>>): void {
  const { MEASUREMENTS } = process.env;
  if (MEASUREMENTS !== undefined) appendFileSync(MEASUREMENTS, `${JSON.stringify({ heading, row })}\n`);
}
