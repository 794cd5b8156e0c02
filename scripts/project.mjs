import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the repository, with a separator at its end. */
export const root = fileURLToPath(new URL('../', import.meta.url));

/**
 * The text of a file of the repository, or `undefined` where there is none.
 * @param {string} path relative to the root
 */
export function readIfThere(path) {
  const url = new URL(`../${path}`, import.meta.url);
  return existsSync(url) ? readFileSync(url, 'utf8') : undefined;
}

/**
 * The command that installs Debian packages on this machine.
 * @param {readonly string[]} packages
 */
export function aptLine(packages) {
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  return `${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}
