import type { WriteStream } from 'node:tty';

type Style = 'bold' | 'dim' | 'green' | 'cyan';
const codes: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  green: [32, 39],
  cyan: [36, 39],
};

/** Something that the story was about to tell is not so. */
export class BrokenClaimError extends Error {
  override readonly name = 'BrokenClaimError';
}

/** Tells the story: chapters, what the windows say, and claims that are checked before they are printed. */
export class Narrator {
  readonly #output: Pick<WriteStream, 'write'>;
  readonly #coloured: boolean;
  #claims = 0;

  constructor(output: Pick<WriteStream, 'write'>, coloured: boolean) {
    this.#output = output;
    this.#coloured = coloured;
  }

  get claims(): number {
    return this.#claims;
  }

  chapter(title: string): void {
    this.say();
    this.say(this.#styled('bold', title));
  }

  say(text = ''): void {
    this.#output.write(`${text}\n`);
  }

  aside(text: string): void {
    this.say(`  ${this.#styled('dim', text)}`);
  }

  window(name: string, text: string): void {
    this.say(`  ${this.#styled('cyan', `${name} │`)} ${text}`.trimEnd());
  }

  /**
   * Prints what was claimed, if it is so.
   *
   * @throws {BrokenClaimError}
   */
  claim(text: string, found: string | number | boolean, expected: string | number | boolean): void {
    if (found !== expected)
      throw new BrokenClaimError(`Not so: ${text} (expected ${String(expected)}, found ${String(found)}).`);
    this.#claims += 1;
    this.say(`  ${this.#styled('green', '✓')} ${text}`);
  }

  #styled(style: Style, text: string): string {
    const [on, off] = codes[style];
    return this.#coloured ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  }
}
