import { readFile } from 'node:fs/promises';
import { env } from 'node:process';
import { parseArgs } from 'node:util';
import { parseMcpServers } from '@mcp-oauth/transport-factory';
import type { McpServers } from '@mcp-oauth/transport-factory';
import { userDataDirectory } from './data-directory.js';
import { UsageError } from './usage-error.js';

export interface WindowOptions {
  /** An `mcpServers` file. */
  readonly configurationPath: string;
  /** Where the database of tokens lies, and the key file where there has to be one. */
  readonly dataDirectory: string;
  /** Leave the keychain alone and keep the key in a file: for a directory that will go again. */
  readonly keyInFile: boolean;
  /** Hand pages to the process that started this window, instead of the browser of the system. */
  readonly browserOfParent: boolean;
}

export const windowUsage = `node dist/window.js --config <file> [--data <directory>] [--key-file]

  --config <file>     an mcpServers file; or the variable MCP_CONFIG
  --data <directory>  where the tokens are kept; default: the data directory of this user
  --key-file          keep the key of the database in a file, also where there is a keychain
`;

/** @throws {UsageError} */
export function windowOptions(args: readonly string[]): WindowOptions {
  const options = {
    config: { type: 'string' },
    data: { type: 'string' },
    'key-file': { type: 'boolean', default: false },
    'browser-of-parent': { type: 'boolean', default: false },
  } as const;
  const {
    config = env['MCP_CONFIG'],
    data,
    ...flags
  } = parsed(() => parseArgs({ args: [...args], options })).values;
  if (config === undefined || config === '') throw new UsageError('Name the servers: --config <file>.');
  if (data === '') throw new UsageError('--data needs a directory.');
  return {
    configurationPath: config,
    dataDirectory: data ?? userDataDirectory(),
    keyInFile: flags['key-file'],
    browserOfParent: flags['browser-of-parent'],
  };
}

/** @throws {UsageError | InvalidConfigError} */
export async function readServers(path: string): Promise<McpServers> {
  try {
    return parseMcpServers(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'syscall' in error && 'code' in error)
      throw new UsageError(`The configuration ${path} can't be read (${String(error.code)}).`);
    throw error;
  }
}

/** Makes what `parseArgs` dislikes a `UsageError`. */
export function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
      throw new UsageError(error.message);
    throw error;
  }
}
