import { parseArgs } from 'node:util';

/** `scripted` nobody has to do anything · `system` your own browser · `headless` Chromium, driven by playwright. */
export type WhoLogsIn = 'scripted' | 'system' | 'headless';

export interface DemoOptions {
  readonly whoLogsIn: WhoLogsIn;
  /** Where the tokens are kept; it stays. Without it they lie in the temporary directory, which goes. */
  readonly storeDirectory: string | undefined;
}

export const usage = `npm run demo -- [--browser | --headless-browser] [--store <directory>]

  --browser            log in yourself, in your own browser
  --headless-browser   log in by Chromium (CHROMIUM_PATH, else /usr/bin/chromium)
  --store <directory>  keep the tokens there and leave the directory in place
`;

/** A command line that means nothing. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @returns `undefined` where help was asked for. */
export function demoOptions(args: readonly string[]): DemoOptions | undefined {
  const { browser, 'headless-browser': headless, store, help } = parsed(args);
  if (help) return undefined;
  if (browser && headless) throw new UsageError('Choose one of --browser and --headless-browser.');
  if (store === '') throw new UsageError('--store needs a directory.');
  return { whoLogsIn: browser ? 'system' : headless ? 'headless' : 'scripted', storeDirectory: store };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        browser: { type: 'boolean', default: false },
        'headless-browser': { type: 'boolean', default: false },
        store: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
      throw new UsageError(error.message);
    throw error;
  }
}
