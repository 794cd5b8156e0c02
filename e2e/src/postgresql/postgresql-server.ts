import { chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GuardedProcess } from '../processes/guarded-process.js';
import { sparePort } from '../processes/spare-port.js';
import { makeEmptyDatabase } from './empty-database.js';
import { findPrograms, findServerUser, runAs } from './programs.js';
import type { Command } from './programs.js';

export interface PostgresqlOptions {
  /** The password of the superuser, `postgres`. Default: whoever reaches the loopback port is let in. */
  readonly password?: string;
  /** Further settings of `postgresql.conf`, such as `{ synchronous_commit: 'off' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

interface Start {
  readonly port: number;
  readonly directory: string;
  readonly command: Command;
  readonly password: string | undefined;
}

const startAttempts = 5;
/** Those who were killed let go of what they shared as soon as they are gone. */
const restartAttempts = 100;
const restartPauseMs = 20;

/** A real PostgreSQL on a loopback port of its own. It ends with the process that started it. */
export class PostgresqlServer {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly #start: Start;
  #process: GuardedProcess | undefined;

  private constructor(start: Start) {
    this.port = start.port;
    this.#start = start;
  }

  static async start({ password, settings = {} }: PostgresqlOptions = {}): Promise<PostgresqlServer> {
    const programs = await findPrograms();
    const user = await findServerUser();
    for (let attempt = 1; ; attempt++) {
      const port = await sparePort();
      const directory = await mkdtemp(join(tmpdir(), 'mcp-oauth-postgresql-'));
      const command = runAs(user, programs.postgres, '-D', join(directory, 'data'));
      const server = new PostgresqlServer({ port, directory, command, password });
      try {
        if (user) await chown(directory, user.uid, user.gid);
        await makeEmptyDatabase({ programs, user, directory, port, password, settings });
        await server.#run();
        return server;
      } catch (error) {
        await server.close();
        // Somebody else may have taken the port since it was looked at.
        if (!saysThat(error, 'Address already in use') || attempt === startAttempts) throw error;
      }
    }
  }

  /** Of the superuser, to the database `postgres`. */
  get connectionString(): string {
    const { password } = this.#start;
    const credentials = password === undefined ? '' : `:${encodeURIComponent(password)}`;
    return `postgresql://postgres${credentials}@${this.host}:${String(this.port)}/postgres`;
  }

  /** `kill -9` of every process of the server. */
  async kill(): Promise<void> {
    await this.#signal('SIGKILL');
    await this.#process?.ended();
  }

  /** SIGSTOP: connections stay open, and nothing is answered. */
  stop(): Promise<void> {
    return this.#signal('SIGSTOP');
  }

  /** SIGCONT: what came meanwhile is answered now. */
  cont(): Promise<void> {
    return this.#signal('SIGCONT');
  }

  /** `kill -9` if it runs, then a new start on the same port with the same data. */
  async restart(): Promise<void> {
    await this.kill();
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#run();
        return;
      } catch (error) {
        if (!saysThat(error, 'is still in use') || attempt === restartAttempts) throw error;
        await new Promise((resolve) => setTimeout(resolve, restartPauseMs));
      }
    }
  }

  async close(): Promise<void> {
    await this.cont();
    await this.#process?.kill();
    await rm(this.#start.directory, { recursive: true, force: true });
  }

  async #run(): Promise<void> {
    this.#process = await GuardedProcess.start({
      command: this.#start.command,
      directory: this.#start.directory,
      ready: /database system is ready to accept (read-only )?connections/,
      aptPackage: 'postgresql',
      // Killed, it would leave a segment of shared memory behind on this machine.
      endSignal: 'QUIT',
    });
  }

  /** To the first process before all others, so that it starts no new one meanwhile. */
  async #signal(name: NodeJS.Signals): Promise<void> {
    const first = this.#process?.pid;
    if (first === undefined) return;
    const children = await readFile(`/proc/${String(first)}/task/${String(first)}/children`, 'utf8');
    for (const pid of [String(first), ...children.split(' ')].filter((each) => each.trim() !== '')) {
      try {
        process.kill(Number(pid), name);
      } catch (error) {
        // It has ended by itself.
        if (!(typeof error === 'object' && error !== null && 'code' in error && error.code === 'ESRCH'))
          throw error;
      }
    }
  }
}

function saysThat(error: unknown, text: string): boolean {
  return error instanceof Error && error.message.includes(text);
}
