import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

/**
 * Runs a command, and ends it at a line of standard input, or at its end: then whoever started it is gone, however it
 * died, and the directory goes too, after the last write to it. The guard goes before the command's end is reported, so
 * that it can't end another process by a number used anew. Who is stopped is continued, to see a signal that can be seen.
 *
 * It prints nothing but the number: a shell that tells of a killed command into a pipe that nobody reads dies of that. Not
 * `:` but `true` makes the file: where the directory is gone, a special built-in would end the guard there.
 */
const guard = `
directory=$1
signal=$2
shift 2
command -v "$1" >/dev/null || exit 127
exec 3<&0
"$@" 3<&- &
command=$!
echo "pid $command"
exec >/dev/null 2>&1
(read -r _ <&3 || true >"$directory/abandoned"; kill -s "$signal" "$command"; kill -s CONT "$command") &
guard=$!
wait "$command"
kill -9 "$guard"
test -e "$directory/abandoned" && rm -rf "$directory"
`;

const startDeadlineMs = 10_000;
const keptOutput = 16 * 1024; // characters

/** A process, or the socket that a pipe to it is. */
interface Referable {
  ref(): void;
  unref(): void;
}

export interface GuardedStart {
  readonly command: readonly [program: string, ...args: string[]];
  /** Matches what the program prints when it is ready. */
  readonly ready: RegExp;
  /** What it works in. Whoever starts it removes it, unless they were killed. */
  readonly directory: string;
  /** What brings the program on Debian. */
  readonly aptPackage: string;
  /** What ends it. Default: `KILL`. */
  readonly endSignal?: 'KILL' | 'QUIT';
}

/** A process that doesn't outlive this one, and doesn't keep it alive. */
export class GuardedProcess {
  readonly #shell: ChildProcess;
  readonly #ended: Promise<void>;
  #running = true;
  #pid: number | undefined;
  #output = '';

  private constructor(directory: string, endSignal: string, command: readonly string[]) {
    this.#shell = spawn('/bin/sh', ['-c', guard, 'sh', directory, endSignal, ...command], {
      stdio: ['pipe', 'pipe', 'pipe'],
      // What ends this process with its whole group, as Ctrl-C does, must leave the guard to do its work.
      detached: true,
    });
    this.#ended = new Promise((resolve) => {
      this.#shell.once('close', () => {
        this.#running = false;
        resolve();
      });
    });
    for (const stream of [this.#shell.stdout, this.#shell.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.#output = (this.#output + chunk).slice(-keptOutput);
        this.#pid ??= pidIn(this.#output);
      });
    }
  }

  static async start({
    command,
    directory,
    ready,
    aptPackage,
    endSignal = 'KILL',
  }: GuardedStart): Promise<GuardedProcess> {
    const started = new GuardedProcess(directory, endSignal, command);
    const deadline = performance.now() + startDeadlineMs;
    // Its shell may tell the number later than the program says that it is ready.
    while (started.#pid === undefined || !ready.test(started.#output)) {
      if (!started.#running || performance.now() > deadline) {
        await started.kill();
        const missing = started.#shell.exitCode === 127;
        throw new Error(
          missing
            ? `${command[0]} was not found. On Debian and Ubuntu: apt-get install ${aptPackage}`
            : `${command.join(' ')} did not start. It printed:\n${started.#output}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    started.#keepAlive(false);
    return started;
  }

  get isRunning(): boolean {
    return this.#running;
  }

  /** `undefined` where it isn't running. */
  get pid(): number | undefined {
    return this.#running ? this.#pid : undefined;
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    if (this.pid === undefined) throw new Error('The process is not running.');
    process.kill(this.pid, name);
  }

  /** Sends its end signal. Resolves when the process is gone. */
  async kill(): Promise<void> {
    // The guard kills: it knows whether the process is still that one.
    this.#shell.stdin?.end('\n');
    await this.ended();
  }

  /** Resolves when the process is gone. */
  async ended(): Promise<void> {
    this.#keepAlive(true);
    await this.#ended;
  }

  /** Whether this process waits for that one's end before its own. */
  #keepAlive(on: boolean): void {
    for (const part of [this.#shell, this.#shell.stdin, this.#shell.stdout, this.#shell.stderr])
      (part as Referable | null)?.[on ? 'ref' : 'unref']();
  }
}

function pidIn(output: string): number | undefined {
  const [, pid] = /^pid (\d+)$/m.exec(output) ?? [];
  return pid === undefined ? undefined : Number(pid);
}
