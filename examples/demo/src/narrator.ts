import type { WriteStream } from 'node:tty';
import { BrokenClaimError } from './broken-claim-error.js';

type Output = Pick<WriteStream, 'write'> & Partial<Pick<WriteStream, 'isTTY'>>;
type Style = 'bold' | 'dim' | 'green' | 'cyan';

const codes: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  green: [32, 39],
  cyan: [36, 39],
};
const LABEL_WIDTH = 22;

/** Tells the story: numbered chapters, aligned lines, and claims that are checked before they are printed. */
export class Narrator {
  readonly #output: Output;
  readonly #coloured: boolean;
  #chapters = 0;
  #claims = 0;

  constructor(output: Output, env: Readonly<Record<string, string | undefined>>) {
    this.#output = output;
    // https://no-color.org: any text but the empty one.
    this.#coloured = output.isTTY === true && (env['NO_COLOR'] ?? '') === '';
  }

  get claims(): number {
    return this.#claims;
  }

  title(text: string, under: string): void {
    this.#line('');
    this.#line(this.#styled('bold', text));
    this.#line(this.#styled('dim', under));
  }

  chapter(title: string): void {
    this.#chapters += 1;
    this.#line('');
    this.#line(this.#styled('cyan', String(this.#chapters).padStart(2)) + '  ' + this.#styled('bold', title));
  }

  say(text = ''): void {
    this.#line(text === '' ? '' : `    ${text}`);
  }

  /** What a reader may skip. */
  aside(text: string): void {
    this.#line(`    ${this.#styled('dim', text)}`);
  }

  /** A remark below a fact, under its value. */
  remark(text: string): void {
    this.#line(`    ${' '.repeat(LABEL_WIDTH)} ${this.#styled('dim', text)}`);
  }

  fact(label: string, value: string | number, remark = ''): void {
    const shown = typeof value === 'number' ? String(value).padStart(4) : value;
    this.#line(
      `    ${label.padEnd(LABEL_WIDTH)} ${shown}${remark && `  ${this.#styled('dim', remark)}`}`.trimEnd(),
    );
  }

  /** Every column as wide as its widest cell; columns of numbers stand to the right. */
  table(rows: readonly (readonly (string | number)[])[]): void {
    const columns = (rows[0] ?? []).map((_, column) => {
      const cells = rows.map((row) => row[column] ?? '');
      const width = Math.max(...cells.map((cell) => String(cell).length));
      return { width, isNumeric: cells.some((cell) => typeof cell === 'number') };
    });
    for (const row of rows) {
      const cells = columns.map(({ width, isNumeric }, column) => {
        const text = String(row[column] ?? '');
        return isNumeric ? text.padStart(width) : text.padEnd(width);
      });
      this.#line(`    ${cells.join('  ')}`.trimEnd());
    }
  }

  /**
   * Prints what was claimed, if it is so.
   *
   * @throws {BrokenClaimError}
   */
  claim(text: string, found: string | number | boolean, expected: string | number | boolean = true): void {
    if (found !== expected) throw new BrokenClaimError(text, found, expected);
    this.#claims += 1;
    this.#line(`    ${this.#styled('green', '✓')} ${text}`);
  }

  #styled(style: Style, text: string): string {
    const [on, off] = codes[style];
    return this.#coloured ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  }

  #line(text: string): void {
    this.#output.write(`${text}\n`);
  }
}
