import { spawn } from 'node:child_process';

export interface GroupOptions {
  readonly timeoutMs: number;
  readonly cwd?: string;
  /** Ends the group early. */
  readonly signal?: AbortSignal;
  /** Sees the output as it comes. */
  readonly onOutput?: (text: string) => void;
}

export interface GroupEnd {
  /** `undefined` where a signal ended it. */
  readonly exitCode: number | undefined;
  readonly timedOut: boolean;
  /** Whether something of the group was left when its first process had ended. It was killed too. */
  readonly leftOver: boolean;
  readonly output: string;
}

/** How long pipes may stay open, once the first process is gone. */
const CLOSING_MS = 1_000;
/** Characters. */
const MAX_OUTPUT = 256 * 1024;

/** Runs a command in a process group of its own, and ends the group with it, or when its time is over. */
export async function runGroup(
  [program, ...args]: readonly [string, ...string[]],
  { timeoutMs, cwd, signal, onOutput }: GroupOptions,
): Promise<GroupEnd> {
  signal?.throwIfAborted();
  const child = spawn(program, args, { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-MAX_OUTPUT);
      onOutput?.(text);
    });
  const kill = (): boolean => child.pid !== undefined && killGroup(child.pid);
  let timedOut = false;
  const watchdog = setTimeout(() => {
    timedOut = true;
    kill();
  }, timeoutMs);
  signal?.addEventListener('abort', kill);
  try {
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
    const leftOver = kill();
    // Whoever left the group holds its pipes, perhaps for ever.
    const given = setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, CLOSING_MS);
    await closed;
    clearTimeout(given);
    signal?.throwIfAborted();
    return { exitCode: exitCode ?? undefined, timedOut, leftOver, output };
  } finally {
    clearTimeout(watchdog);
    signal?.removeEventListener('abort', kill);
  }
}

/** Whether there was anything to kill. */
function killGroup(id: number): boolean {
  try {
    return process.kill(-id, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
