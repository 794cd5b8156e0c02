import { inject, injectable } from 'inversify';
import { ActivityLog } from './activity-log.js';
import { CommandError } from './command-error.js';
import { problemOf } from './problem.js';
import { ServerConnections } from './server-connections.js';
import { answerOf } from './tool-answer.js';

type Command = (...words: string[]) => Promise<string>;

/** The window: the person types a command, and one line that begins with ✓ or ✗ tells what became of it. */
@injectable()
export class ChatWindow {
  readonly #connections: ServerConnections;
  readonly #log: ActivityLog;
  readonly #commands: Readonly<Record<string, Command>> = {
    connect: async (...names) => this.#each(names, (name) => this.#connect(name)),
    tools: async (...names) => this.#each(names, (name) => this.#tools(name)),
    call: (server = '', tool = '', ...rest) => this.#call(server, tool, rest.join(' ')),
    status: async (...names) => this.#each(names, (name) => this.#status(name)),
    logout: async (server = '') => {
      await this.#connections.logout(server);
      return `logged out of ${server}`;
    },
    help: () =>
      Promise.resolve('connect, tools, status [server] · call <server> <tool> {…} · logout <server> · quit'),
  };

  constructor(
    @inject(ServerConnections) connections: ServerConnections,
    @inject(ActivityLog) log: ActivityLog,
  ) {
    this.#connections = connections;
    this.#log = log;
  }

  /** Does one command after the other until `quit`, the end of `lines`, or the abort of `signal`. */
  async run(lines: AsyncIterable<string>, signal: AbortSignal): Promise<void> {
    for await (const line of lines) {
      const [name = '', ...words] = line.trim().split(/\s+/);
      if (name === 'quit') return;
      if (name !== '') await this.#do(name, words, signal);
    }
  }

  async #do(name: string, words: readonly string[], signal: AbortSignal): Promise<void> {
    try {
      const command = Object.hasOwn(this.#commands, name) ? this.#commands[name] : undefined;
      if (!command) throw new CommandError(`There is no command ${name}. Type help.`);
      this.#log.done(await command(...words));
    } catch (error) {
      // Whatever is under way ends with some error when the window is closed, and none of them is news.
      if (signal.aborted) return;
      const problem = problemOf(error);
      if (problem === undefined) throw error;
      this.#log.failed(problem);
    }
  }

  /** The servers that were named, or all. */
  async #each(names: readonly string[], work: (name: string) => Promise<string>): Promise<string> {
    const told: string[] = [];
    for (const name of names.length > 0 ? names : this.#connections.names) told.push(await work(name));
    return told.join(' · ');
  }

  async #connect(name: string): Promise<string> {
    this.#log.note(`connects to ${name} …`);
    const { logins } = this.#log;
    const server = await this.#connections.ask(name, (client) => client.getServerVersion());
    const how = this.#log.logins > logins ? 'after a login' : 'without a login in this window';
    return `connected to ${name} (${server?.name ?? 'a server without a name'}) ${how}`;
  }

  async #tools(name: string): Promise<string> {
    const { tools } = await this.#connections.ask(name, (client) => client.listTools());
    return `${name} has ${tools.map((tool) => tool.name).join(', ')}`;
  }

  async #call(server: string, tool: string, text: string): Promise<string> {
    const request = { name: tool, arguments: toolArguments(text) };
    const answer = await this.#connections.ask(server, (client) => client.callTool(request));
    return `${tool}: ${answerOf(answer)}`;
  }

  async #status(name: string): Promise<string> {
    const { state, scope, expiresAt } = await this.#connections.status(name);
    const until = expiresAt && `, token until ${expiresAt.toLocaleTimeString()}`;
    return `${name}: ${state.replace('_', ' ')}${scope === undefined ? '' : `, may ${scope}`}${until ?? ''}`;
  }
}

/** @throws {CommandError} */
function toolArguments(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text === '' ? '{}' : text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new CommandError('The arguments of a tool are a JSON object, like {"a": 1}.');
}
