import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { env, platform } from 'node:process';
import { UsageError } from './usage-error.js';

const NAME = 'mcp-oauth-desktop';

/** Where applications of this platform keep what is the user's: XDG, Application Support, Local AppData. */
export function userDataDirectory(): string {
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', NAME);
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), NAME);
  const { XDG_DATA_HOME: xdg = '' } = env;
  // The XDG specification has relative ones ignored: they would be another directory for every process.
  return join(isAbsolute(xdg) ? xdg : join(homedir(), '.local', 'share'), NAME);
}

/**
 * Makes it, and what is missing above it, for this user alone, as the XDG specification has it.
 *
 * @throws {UsageError}
 */
export async function makeDataDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (error instanceof Error && 'syscall' in error && 'code' in error)
      throw new UsageError(`The data directory ${path} can't be made (${String(error.code)}).`);
    throw error;
  }
}
