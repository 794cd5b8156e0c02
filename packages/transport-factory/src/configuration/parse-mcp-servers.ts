import { InvalidConfigError } from '@mcp-oauth/core';
import { serverSchema } from './schema.js';
import type { McpServerConfig } from './schema.js';

export interface ParseOptions {
  /** Where `${NAME}` is looked up. Default: this process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface McpServers {
  readonly mcpServers: Readonly<Record<string, McpServerConfig>>;
}

/**
 * Reads an `mcpServers` configuration: an object, or its JSON text.
 *
 * @throws {InvalidConfigError} one message that names, for everything that is wrong, the server and the key.
 */
export function parseMcpServers(json: unknown, { env = process.env }: ParseOptions = {}): McpServers {
  const root = typeof json === 'string' ? parsedText(json) : json;
  const servers = isObject(root) ? root['mcpServers'] : undefined;
  if (!isObject(servers)) {
    throw new InvalidConfigError(
      'The configuration has no mcpServers: expected { "mcpServers": { "name": { … } } }.',
    );
  }
  const { stdio, http } = serverSchema(env);
  const problems: string[] = [];
  const entries: [string, McpServerConfig][] = [];
  for (const [name, server] of Object.entries(servers)) {
    const schema = isObject(server) && isStdio(server) ? stdio : http;
    const result = schema.safeParse(server);
    if (result.success) entries.push([name, result.data]);
    else for (const { path, message } of result.error.issues) problems.push(problem(name, path, message));
  }
  if (problems.length > 0)
    throw new InvalidConfigError(`The MCP configuration can't be used. ${problems.join('; ')}.`);
  // Without a prototype: a server may be called "constructor".
  const mcpServers = Object.assign(
    Object.create(null) as Record<string, McpServerConfig>,
    Object.fromEntries(entries),
  );
  return { mcpServers };
}

function problem(name: string, path: readonly PropertyKey[], message: string): string {
  const key = path.map((part) => `.${String(part)}`).join('');
  return `mcpServers.${name}${key}: ${message}`;
}

function isStdio(server: Record<string, unknown>): boolean {
  return 'command' in server || server['type'] === 'stdio' || server['transport'] === 'stdio';
}

function parsedText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // The parser's own message quotes the text, which may hold a secret.
    if (error instanceof SyntaxError) throw new InvalidConfigError('The MCP configuration is no valid JSON.');
    throw error;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
