import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, win32 } from 'node:path';
import { findOnPath, type Surroundings } from './surroundings.js';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
}

/** Starts the program that shows pages here. `undefined` where there is none. No shell reads `href` on the way. */
export async function launch(href: string, host: Surroundings): Promise<ChildProcess | undefined> {
  const windows = await windowsCommand(href, host);
  if (windows !== undefined) {
    const { file, args, cwd } = windows;
    return spawn(file, args, { cwd, stdio: 'ignore', detached: true, windowsHide: true });
  }
  const xdgOpen = host.platform === 'linux' ? await findOnPath('xdg-open', host.env) : undefined;
  // Without an opener of its own, `open` would turn to PowerShell there.
  if (host.wsl && xdgOpen === undefined) return undefined;
  const { default: open } = await import('open');
  return open(href, xdgOpen === undefined ? {} : { app: { name: xdgOpen } });
}

/**
 * Windows itself, named in full. `open` would start PowerShell, and clients must not open addresses through a shell
 * (MCP security best practices).
 */
export async function windowsCommand(
  href: string,
  { platform, env, wsl }: Surroundings,
): Promise<Command | undefined> {
  const args = ['url.dll,FileProtocolHandler', href];
  if (platform === 'win32') {
    const root = env.SystemRoot ?? 'C:\\Windows';
    return { file: win32.join(root, 'System32', 'rundll32.exe'), args };
  }
  const file = wsl ? await findOnPath('rundll32.exe', env) : undefined;
  // A Windows program can't start in a folder that only Linux knows.
  return file === undefined ? undefined : { file, args, cwd: dirname(file) };
}
