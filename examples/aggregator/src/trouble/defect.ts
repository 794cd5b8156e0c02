import { stderr } from 'node:process';
import type { Trouble } from './trouble.js';

const MAX_FRAMES = 10;

export const defect: Trouble = {
  status: 500,
  title: 'Something broke',
  what: 'This application has a defect.',
  advice: 'Try again. If it breaks again, tell whoever runs it.',
};

/** Its name and where it was thrown. What an unknown error says may hold what it was working on, and is left out. */
export function reportDefect(error: unknown): void {
  stderr.write(`${['A page failed: ' + nameOf(error), ...framesOf(error)].join('\n')}\n`);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/** Nothing where the message can't be told from the frames. */
export function framesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error) || error.stack === undefined) return [];
  const { stack, message } = error;
  const start = stack.indexOf(message);
  if (start === -1) return [];
  const lines = stack.slice(start + message.length).split('\n');
  return lines.slice(1, 1 + MAX_FRAMES).filter((line) => /^ {4}at /.test(line));
}
