import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export type Step = readonly [name: string, ...args: readonly unknown[]];

const program = fileURLToPath(new URL('worker.mjs', import.meta.url));

export interface ProcessOptions {
  /** The database. */
  readonly path: string;
  /** A shell command before it starts, whose mounts are its own. */
  readonly mounts?: string;
  /** Called with each answer as it comes. */
  readonly onAnswer?: (answer: unknown) => void;
}

/** Runs the steps in a process of their own. Resolves with their answers when it has ended. */
export async function inProcess(
  options: ProcessOptions,
  ...steps: readonly Step[]
): Promise<readonly unknown[]> {
  const { ended } = start(options, ...steps);
  const { answers, exitCode, errors } = await ended;
  if (exitCode !== 0) throw new Error(`The process failed: ${errors}`);
  return answers;
}

export interface StartedProcess {
  /** Ends it as hard as can be. */
  kill(): void;
  readonly ended: Promise<{
    readonly answers: readonly unknown[];
    readonly exitCode: number | null;
    readonly errors: string;
  }>;
}

/** Starts a process for the steps, that can be killed. */
export function start({ path, mounts, onAnswer }: ProcessOptions, ...steps: readonly Step[]): StartedProcess {
  const command = [process.execPath, program, JSON.stringify({ path, steps })];
  const [file = '', ...args] =
    mounts === undefined
      ? command
      : ['unshare', '--mount', 'sh', '-ec', `${mounts}; exec "$@"`, 'sh', ...command];
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const answers: unknown[] = [];
  let errors = '';
  createInterface(child.stdout).on('line', (line) => {
    const answer: unknown = JSON.parse(line);
    answers.push(answer);
    onAnswer?.(answer);
  });
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return {
    kill: () => void child.kill('SIGKILL'),
    ended: once(child, 'close').then(() => ({ answers, exitCode: child.exitCode, errors })),
  };
}
