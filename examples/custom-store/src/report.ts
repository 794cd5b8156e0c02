import type { Writable } from 'node:stream';

export interface GroupFigures {
  readonly cases: number;
  readonly failed: number;
  readonly took: string;
}

/** Prints what was found. */
export class Report {
  readonly #output: Writable;
  #checked = 0;
  #failed = 0;

  constructor(output: Writable) {
    this.#output = output;
  }

  /** How many cases and claims there were so far. */
  get checked(): number {
    return this.#checked;
  }

  get failed(): number {
    return this.#failed;
  }

  line(text = ''): void {
    this.#output.write(`${text}\n`);
  }

  heading(text: string): void {
    this.line(`\n${text}\n`);
  }

  /** Cases of one subject. */
  group(subject: string, { cases, failed, took }: GroupFigures): void {
    const count = `${String(cases).padStart(2)} ${cases === 1 ? 'case ' : 'cases'}`;
    this.#note(cases, failed, `${subject.padEnd(30)} ${count} ${took.padStart(7)}`);
  }

  claim(text: string, found: unknown, expected: unknown): void {
    const holds = found === expected;
    this.#note(
      1,
      holds ? 0 : 1,
      holds ? text : `${text}: expected ${String(expected)}, found ${String(found)}`,
    );
  }

  #note(checked: number, failed: number, text: string): void {
    this.#checked += checked;
    this.#failed += failed;
    this.line(`  ${failed === 0 ? '✓' : '✗'} ${text}`);
  }
}
