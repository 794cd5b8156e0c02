import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { release } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { errnoOf } from '../process/errno.js';
import { runsInCi } from '../process/ci.js';

/** What decides whether a browser can be opened, and how. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  /** Linux inside Windows: the browser is the one of Windows. */
  readonly wsl: boolean;
}

export function surroundings(): Surroundings {
  const { platform, env } = process;
  return { platform, env, wsl: platform === 'linux' && /microsoft/i.test(release()) };
}

const textBrowsers = ['www-browser', 'lynx', 'links', 'links2', 'elinks', 'w3m', 'browsh', 'carbonyl'];

/** Why nobody here would see a page, as a short phrase. `undefined` where somebody may. */
export function whyNobodyWouldSee({ platform, env, wsl }: Surroundings): string | undefined {
  if (runsInCi(env)) return 'this runs in CI';
  const remote = isSet(env.SSH_CONNECTION) || isSet(env.SSH_TTY);
  const desktop = platform === 'darwin' || platform === 'win32';
  if (desktop) return remote ? 'this is an SSH session' : undefined;
  // Editors that run here over SSH or in a container set BROWSER to a program that opens the page where the person is.
  if (isSet(env.DISPLAY) || isSet(env.WAYLAND_DISPLAY) || namesBrowser(env.BROWSER)) return undefined;
  if (remote) return 'this is an SSH session without a display';
  return wsl ? undefined : 'there is no display';
}

/** The first of `PATH`, whose relative entries are passed over: they could be anybody's. */
export async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of env.PATH?.split(':').filter(isAbsolute) ?? []) {
    const path = join(folder, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch (error) {
    if (
      ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG', 'EIO'].includes(errnoOf(error) ?? '')
    )
      return false;
    throw error;
  }
}

function namesBrowser(browser: string | undefined): boolean {
  return isSet(browser) && !textBrowsers.includes(basename(browser.split(/[:\s]/)[0] ?? ''));
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
