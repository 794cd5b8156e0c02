import { AuthorizationRequiredError } from '@mcp-oauth/core';
import type { OAuthSession, SessionStatus } from '@mcp-oauth/core';
import type { McpServers, TransportFactory } from '@mcp-oauth/transport-factory';
import { transportFactoryIdentifier } from '@mcp-oauth/transport-factory/inversify';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { inject, injectable, preDestroy } from 'inversify';
import { CommandError } from './command-error.js';
import { mcpServersIdentifier } from './service-identifiers.js';

/** The MCP servers of the configuration, connected when they are first used. */
@injectable()
export class ServerConnections {
  readonly #servers: McpServers['mcpServers'];
  readonly #transports: TransportFactory;
  readonly #clients = new Map<string, Client>();

  constructor(
    @inject(mcpServersIdentifier) { mcpServers }: McpServers,
    @inject(transportFactoryIdentifier) transports: TransportFactory,
  ) {
    this.#servers = mcpServers;
    this.#transports = transports;
  }

  get names(): readonly string[] {
    return Object.keys(this.#servers);
  }

  /** Asks a server, connected first where it is not, and once more after a login where that is what it takes. */
  async ask<T>(name: string, question: (client: Client) => T | Promise<T>): Promise<T> {
    try {
      return await question(await this.#connect(name));
    } catch (error) {
      if (!(error instanceof AuthorizationRequiredError)) throw error;
      // The login has ended, and with it what the server knows of this connection.
      if (error.reason !== 'insufficient_scope') await this.#disconnect(name);
      // Asks the person, unless another window has done so by then.
      await this.#session(name).authorize();
      return await question(await this.#connect(name));
    }
  }

  status(name: string): Promise<SessionStatus> {
    return this.#session(name).status();
  }

  async logout(name: string): Promise<void> {
    await this.#disconnect(name);
    await this.#session(name).revoke();
  }

  @preDestroy()
  async close(): Promise<void> {
    await Promise.all(this.names.map((name) => this.#disconnect(name)));
  }

  /** Logs the person in where nobody is: `connect` of the MCP client does it on the way. */
  async #connect(name: string): Promise<Client> {
    const connected = this.#clients.get(name);
    if (connected) return connected;
    const client = new Client({ name: 'mcp-oauth-desktop', version: '0.1.0' });
    await client.connect(this.#transports.create(this.#server(name)));
    this.#clients.set(name, client);
    return client;
  }

  async #disconnect(name: string): Promise<void> {
    const client = this.#clients.get(name);
    this.#clients.delete(name);
    await client?.close();
  }

  #session(name: string): OAuthSession {
    const server = this.#server(name);
    if (server.type === 'stdio' || server.auth?.type !== 'oauth')
      throw new CommandError(`${name} has no login of OAuth.`);
    return this.#transports.session(server);
  }

  #server(name: string) {
    const server = this.#servers[name];
    if (!server) throw new CommandError(`There is no server ${name}. There are: ${this.names.join(', ')}.`);
    return server;
  }
}
