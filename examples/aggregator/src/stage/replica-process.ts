import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

const START_MS = 20_000;
const CLOSE_MS = 10_000;
/** The compiled one, also for tests, which run the source of everything else. */
const program = fileURLToPath(new URL('../../dist/replica.js', import.meta.url));

/** One replica, in a process of its own. */
export class ReplicaProcess {
  readonly name: string;
  readonly pid: number;
  readonly origin: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  private constructor(name: string, child: ChildProcess, port: number, ended: Promise<void>) {
    this.name = name;
    this.pid = child.pid ?? 0;
    this.origin = `http://127.0.0.1:${String(port)}`;
    this.#child = child;
    this.#ended = ended;
  }

  /** @param env What a deployment would set, and nothing of this process but its PATH. */
  static async start(
    name: string,
    env: Readonly<Record<string, string>>,
    log: (line: string) => void,
  ): Promise<ReplicaProcess> {
    const child = spawn(execPath, [program], {
      env: { PATH: process.env['PATH'], ...env, REPLICA: name, PORT: '0' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', log);
    }
    const ended = new Promise<void>((resolve) => {
      child.once('close', () => {
        resolve();
      });
    });
    try {
      return new ReplicaProcess(name, child, await portOf(child, ended), ended);
    } catch (error) {
      child.kill('SIGKILL');
      await ended;
      throw error;
    }
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  async close(): Promise<void> {
    this.#child.kill('SIGTERM');
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), CLOSE_MS);
    await this.#ended;
    clearTimeout(impatience);
  }
}

function portOf(child: ChildProcess, ended: Promise<void>): Promise<number> {
  return new Promise((resolve, reject) => {
    const timeout = setTimeout(() => {
      reject(new Error('The replica did not start in time.'));
    }, START_MS);
    child.once('message', (message: { readonly port: number }) => {
      clearTimeout(timeout);
      resolve(message.port);
    });
    child.once('error', reject);
    void ended.then(() => {
      clearTimeout(timeout);
      reject(new Error('The replica ended before it listened. What it printed says why.'));
    });
  });
}
