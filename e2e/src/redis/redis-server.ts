import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GuardedProcess } from '../processes/guarded-process.js';
import { sparePort } from '../processes/spare-port.js';

export interface RedisOptions {
  /** Write every command to disk before it is answered, so that `restart` loses nothing. Default: nothing is kept. */
  readonly appendonly?: boolean;
  /** The password of the default user. */
  readonly password?: string;
  /** Further lines of `redis.conf`, such as `user app on >password ~app:* +get`. */
  readonly directives?: readonly string[];
}

export interface RedisServerOptions extends RedisOptions {
  /** A sentinel instead of a server. */
  readonly sentinel?: boolean;
}

const host = '127.0.0.1';
const startAttempts = 5;

/** A real `redis-server` on a loopback port of its own. It ends with the process that started it. */
export class RedisServer {
  readonly host = host;
  readonly port: number;
  readonly #password: string | undefined;
  readonly #directory: string;
  readonly #sentinel: boolean;
  #process: GuardedProcess | undefined;

  private constructor(port: number, directory: string, { password, sentinel = false }: RedisServerOptions) {
    this.port = port;
    this.#directory = directory;
    this.#password = password;
    this.#sentinel = sentinel;
  }

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    for (let attempt = 1; ; attempt++) {
      const port = await sparePort();
      const directory = await mkdtemp(join(tmpdir(), 'mcp-oauth-redis-'));
      const server = new RedisServer(port, directory, options);
      try {
        await writeFile(server.#configuration, configuration(port, directory, options), { mode: 0o600 });
        await server.#start();
        return server;
      } catch (error) {
        await server.close();
        // Somebody else may have taken the port since it was looked at.
        const taken = error instanceof Error && error.message.includes('Address already in use');
        if (!taken || attempt === startAttempts) throw error;
      }
    }
  }

  get url(): string {
    const credentials = this.#password === undefined ? '' : `:${encodeURIComponent(this.#password)}@`;
    return `redis://${credentials}${this.host}:${String(this.port)}`;
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** SIGSTOP: connections stay open, and nothing is answered. */
  stop(): void {
    this.#process?.signal('SIGSTOP');
  }

  /** SIGCONT: what came meanwhile is answered now. */
  cont(): void {
    this.#process?.signal('SIGCONT');
  }

  /** `kill -9` if it runs, then a new start on the same port with the same directory. */
  async restart(): Promise<void> {
    await this.kill();
    await this.#start();
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }

  get #configuration(): string {
    return join(this.#directory, 'redis.conf');
  }

  async #start(): Promise<void> {
    this.#process = await GuardedProcess.start({
      command: ['redis-server', this.#configuration, ...(this.#sentinel ? ['--sentinel'] : [])],
      directory: this.#directory,
      ready: this.#sentinel ? /Sentinel ID is/ : /Ready to accept connections/,
      aptPackage: 'redis-server',
    });
  }
}

/** A file, so that no password is seen in a list of processes. */
function configuration(
  port: number,
  directory: string,
  { appendonly = false, password, sentinel = false, directives = [] }: RedisServerOptions,
): string {
  const persistence = ['save ""', ...(appendonly ? ['appendonly yes', 'appendfsync always'] : [])];
  return [
    `port ${String(port)}`,
    `bind ${host}`,
    `dir ${directory}`,
    ...(sentinel ? [] : persistence),
    ...(password === undefined ? [] : [`requirepass ${password}`]),
    ...directives,
    '',
  ].join('\n');
}
