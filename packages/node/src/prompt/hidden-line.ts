import type { Key } from 'node:readline';

export type Keystroke = 'edited' | 'submitted' | 'too long' | 'interrupted';

/** More than any callback: the listener takes 8 kB of query. */
const maxLength = 16 * 1024;

/** A line while it is being typed or pasted. */
export class HiddenLine {
  #text = '';
  #pasting = false;

  get text(): string {
    return this.#text;
  }

  take(typed: string | undefined, key: Key): Keystroke {
    if (key.ctrl && key.name === 'c') return 'interrupted';
    if (key.name === 'paste-start') this.#pasting = true;
    else if (key.name === 'paste-end') this.#pasting = false;
    // Some programs break a long address into lines when it is copied from them.
    else if (key.name === 'return' || key.name === 'enter') return this.#pasting ? 'edited' : this.#submit();
    else if (key.ctrl && key.name === 'd' && this.#text === '') return 'interrupted';
    else if (key.ctrl && key.name === 'u') this.#text = '';
    else if (key.name === 'backspace') this.#text = this.#text.slice(0, -1);
    else if (typed !== undefined && !key.ctrl && !key.meta) this.#append(typed);
    return 'edited';
  }

  #append(typed: string): void {
    const isControl = typed < ' ' || typed === '\x7f';
    if (!isControl && this.#text.length <= maxLength) this.#text += typed;
  }

  #submit(): Keystroke {
    if (this.#text.length <= maxLength) return this.#text.trim() === '' ? 'edited' : 'submitted';
    this.#text = '';
    return 'too long';
  }
}
