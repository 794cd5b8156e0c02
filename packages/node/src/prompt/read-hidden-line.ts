import { emitKeypressEvents, type Key } from 'node:readline';
import { BrowserError } from '@mcp-oauth/core';
import { HiddenLine } from './hidden-line.js';
import type { Terminal } from './terminal.js';

// The terminal then marks what is pasted, so that a line break in it does not end the line ("bracketed paste").
const pasteMarksOn = '\x1b[?2004h';
const pasteMarksOff = '\x1b[?2004l';
const eraseLine = '\r\x1b[2K';

/** What the person is shown before the line, and at its beginning. */
export interface Question {
  readonly introduction: string;
  readonly label: string;
}

/**
 * Reads one line without showing it, since it holds a code and terminals are recorded and shared. How much has arrived
 * is shown instead.
 *
 * Reads key by key: a terminal that hands over whole lines cuts them off at 4096 bytes, on macOS at 1024.
 */
export async function readHiddenLine(
  terminal: Terminal,
  question: Question,
  signal: AbortSignal,
): Promise<string> {
  const { input, output } = terminal;
  const reader = new LineReader(output, question.label);
  const onAbort = () => {
    reader.end('', signal.reason);
  };
  const onGone = () => {
    reader.end('', new BrowserError('The terminal was closed before the address was pasted into it.'));
  };
  const ends = ['error', 'end', 'close'];

  signal.throwIfAborted();
  signal.addEventListener('abort', onAbort);
  for (const end of ends) input.on(end, onGone);
  output.on('error', onGone);
  emitKeypressEvents(input);
  input.on('keypress', reader.onKeypress);
  input.setRawMode(true);
  output.write(`${pasteMarksOn}${question.introduction}${question.label}`);
  try {
    return await reader.line;
  } finally {
    signal.removeEventListener('abort', onAbort);
    input.off('keypress', reader.onKeypress);
    output.write(pasteMarksOff);
    input.setRawMode(false);
    for (const end of ends) input.off(end, onGone);
    output.off('error', onGone);
  }
}

class LineReader {
  readonly line: Promise<string>;
  readonly #output: NodeJS.WritableStream;
  readonly #label: string;
  readonly #typed = new HiddenLine();
  #resolve!: (line: string) => void;
  #reject!: (reason: unknown) => void;
  #ended = false;
  #stale = false;

  constructor(output: NodeJS.WritableStream, label: string) {
    this.#output = output;
    this.#label = label;
    this.line = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  readonly onKeypress = (typed: string | undefined, key: Key) => {
    switch (this.#typed.take(typed, key)) {
      case 'submitted':
        this.end(`${this.#label}received\n`);
        break;
      case 'interrupted':
        this.end('', new DOMException('Ctrl-C was pressed at the login prompt.', 'AbortError'));
        break;
      case 'too long':
        this.#output.write(`${eraseLine}That is longer than any address that is meant here.\n`);
        this.#redraw();
        break;
      case 'edited':
        this.#redraw();
    }
  };

  /** Leaves `lastLine` in place of what was typed. Without an error the line is what was typed so far. */
  end(lastLine: string, error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#output.write(`${eraseLine}${lastLine}`);
    if (error === undefined) this.#resolve(this.#typed.text);
    else this.#reject(error);
  }

  /** Once for all keys that came together: a paste is thousands of them. */
  #redraw(): void {
    if (this.#stale) return;
    this.#stale = true;
    queueMicrotask(() => {
      this.#stale = false;
      const { length } = this.#typed.text;
      const amount = length === 0 ? '' : `${String(length)} characters, not shown`;
      if (!this.#ended) this.#output.write(`${eraseLine}${this.#label}${amount}`);
    });
  }
}
