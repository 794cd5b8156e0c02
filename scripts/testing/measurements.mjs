import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Collects what tests measure, from whatever process, and prints it as tables. */
export class Measurements {
  #directory = mkdtempSync(join(tmpdir(), 'mcp-oauth-measurements-'));

  /** For the tests, as the variable `MEASUREMENTS`: each appends lines of `{ heading, row }` as JSON. */
  get file() {
    return join(this.#directory, 'rows.jsonl');
  }

  /** Prints a table for each heading, and forgets the file. */
  print() {
    const lines = existsSync(this.file) ? readFileSync(this.file, 'utf8').trim().split('\n') : [];
    rmSync(this.#directory, { recursive: true });
    const rows = lines.map((line) => /** @type {{ heading: string, row: object }} */ (JSON.parse(line)));
    for (const heading of new Set(rows.map((row) => row.heading))) {
      console.log(`\n${heading}`);
      console.table(rows.filter((row) => row.heading === heading).map(({ row }) => row));
    }
  }
}
