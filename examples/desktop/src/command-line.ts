import { env, platform, stdin, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { UsageError } from './window/usage-error.js';
import { parsed } from './window/window-options.js';

/** `person` somebody at this machine · `scripted` nobody has to do anything · `headless` Chromium, by playwright. */
export type WhoLogsIn = 'person' | 'scripted' | 'headless';

export interface DesktopOptions {
  readonly whoLogsIn: WhoLogsIn;
  /** Servers of the person's own. Without them the example starts two. */
  readonly configurationPath: string | undefined;
  readonly dataDirectory: string | undefined;
}

export const usage = `npm run example:desktop -- [--scripted | --headless] [--data <directory>]
npm run example:desktop -- --config <file> [--data <directory>]

  --scripted          nobody has to log in; so by itself where there is no display or no terminal
  --headless          log in by Chromium (CHROMIUM_PATH, else /usr/bin/chromium)
  --config <file>     your own servers, an mcpServers file; or the variable MCP_CONFIG
  --data <directory>  keep the tokens there
`;

/**
 * @returns `undefined` where help was asked for.
 * @throws {UsageError}
 */
export function desktopOptions(args: readonly string[]): DesktopOptions | undefined {
  const options = {
    scripted: { type: 'boolean', default: false },
    headless: { type: 'boolean', default: false },
    config: { type: 'string' },
    data: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  const { values } = parsed(() => parseArgs({ args: [...args], options }));
  const { scripted, headless, config = env['MCP_CONFIG'], data, help } = values;
  if (help) return undefined;
  if (scripted && headless) throw new UsageError('Choose one of --scripted and --headless.');
  if (config !== undefined && (scripted || headless))
    throw new UsageError('At your own servers you log in yourself: leave out --scripted and --headless.');
  const byItself = config === undefined && !somebodyIsHere() ? 'scripted' : 'person';
  return {
    whoLogsIn: scripted ? 'scripted' : headless ? 'headless' : byItself,
    configurationPath: config,
    dataDirectory: data,
  };
}

/** A person, at a terminal, who would see a browser open. */
function somebodyIsHere(): boolean {
  const isSet = (name: string): boolean => (env[name] ?? '') !== '';
  if (!stdin.isTTY || !stdout.isTTY || isSet('CI') || isSet('SSH_CONNECTION')) return false;
  return platform === 'darwin' || platform === 'win32' || isSet('DISPLAY') || isSet('WAYLAND_DISPLAY');
}
