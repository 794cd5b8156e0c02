import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';

/** The lines of `input` until its end or the abort. Nothing is read while a line is worked on: a login may ask there. */
export async function* commandLines(input: Readable, signal: AbortSignal): AsyncGenerator<string> {
  const lines = createInterface({ input, terminal: false, signal });
  try {
    for await (const line of lines) {
      input.pause();
      yield line;
      if (signal.aborted) return;
      input.resume();
    }
  } finally {
    lines.close();
  }
}
