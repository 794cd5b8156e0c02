import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('worker.mjs', import.meta.url));

export type Step = readonly [name: string, ...args: readonly unknown[]];

export interface WorkerOptions {
  readonly directory?: string;
  /** Shell commands before the worker starts, in a mount namespace of its own. */
  readonly mounts?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** One process that uses the store. */
export class Worker {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: unknown[] = [];
  readonly #ended: Promise<unknown>;
  #errors = '';

  constructor(steps: readonly Step[], { directory, mounts, env }: WorkerOptions) {
    const command = [process.execPath, program, JSON.stringify({ directory, steps })];
    const inNamespace = ['unshare', '--mount', 'sh', '-ec', `${mounts ?? ''}; exec "$@"`, 'sh', ...command];
    const [file = '', ...args] = mounts === undefined ? command : inNamespace;
    this.#child = spawn(file, args, { env: { ...process.env, ...env } });
    this.#ended = once(this.#child, 'close');
    createInterface(this.#child.stdout).on('line', (line) => this.#answers.push(JSON.parse(line)));
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get answers(): readonly unknown[] {
    return this.#answers;
  }

  go(): void {
    this.#child.stdin.write('\n');
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** All answers, when the process has ended. */
  async end(): Promise<{ answers: readonly unknown[]; killed: boolean }> {
    await this.#ended;
    const killed = this.#child.signalCode === 'SIGKILL';
    if (this.#errors !== '' || (!killed && this.#child.exitCode !== 0))
      throw new Error(`The worker failed: ${this.#errors || String(this.#child.exitCode)}`);
    return { answers: this.#answers, killed };
  }
}

/** Runs the steps in a process of their own. Answers what each gave. */
export async function inProcess(options: WorkerOptions, ...steps: Step[]): Promise<readonly unknown[]> {
  return (await new Worker(steps, options).end()).answers;
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}
