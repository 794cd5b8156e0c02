import { stdin } from 'node:process';
import { commandLines } from '../window/command-lines.js';
import { BrokenClaimError } from './narrator.js';
import type { Stage } from './stage.js';

/** Two windows at the person's own servers: what they type goes to one of them. */
export async function conversation(stage: Stage): Promise<void> {
  const { narrator, signal } = stage;
  narrator.chapter('Two windows at your servers');
  const windows = [stage.openWindow('window 1'), stage.openWindow('window 2')];
  const ask = async (window: (typeof windows)[number] | undefined, command: string): Promise<void> => {
    try {
      await window?.command(command);
    } catch (error) {
      // The window has told it already.
      if (!(error instanceof BrokenClaimError)) throw error;
    }
  };
  await Promise.all(windows.map((window) => ask(window, 'connect')));
  narrator.chapter('Type the number of a window and a command, like: 1 help');
  narrator.aside('"quit" or Ctrl-D ends both. The logins stay, and the next start needs none.');
  for await (const line of commandLines(stdin, signal)) {
    const [, number = '', command = ''] = /^\s*([12])\s+(.*)$/.exec(line) ?? [];
    if (line.trim() === 'quit') break;
    if (command !== '') await ask(windows[Number(number) - 1], command);
    else if (line.trim() !== '') narrator.aside('Begin with 1 or 2.');
  }
  await Promise.all(windows.map((window) => window.close()));
}
