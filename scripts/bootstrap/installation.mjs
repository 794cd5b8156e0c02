import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readIfThere, root } from '../project.mjs';

const stampPath = 'node_modules/.bootstrap.json';

/** The package manager to install with, as in `pnpm@10.34.9`. */
export const packageManager = /** @type {string} */ (
  JSON.parse(readIfThere('package.json') ?? '').packageManager.split('+')[0]
);

/** What compiled packages are good for. */
const runtime = `${process.platform}-${process.arch}, Node ABI ${process.versions.modules}`;

/**
 * Why something has to be installed; `undefined` where all is in place.
 * @returns {{ reason: string, fromScratch: boolean } | undefined}
 */
export function dueInstallation() {
  if (!existsSync(`${root}node_modules`)) return { reason: 'nothing is installed yet', fromScratch: false };
  const stamp = readStamp();
  if (stamp === undefined)
    return { reason: 'it is not known what node_modules was installed from', fromScratch: false };
  if (stamp.runtime !== runtime)
    return { reason: `this is ${runtime}; node_modules is for ${stamp.runtime}`, fromScratch: true };
  if (!stamp.complete) return { reason: 'the last installation did not finish', fromScratch: false };
  if (stamp.packageManager !== packageManager || stamp.wanted !== hash('pnpm-lock.yaml'))
    return { reason: 'pnpm-lock.yaml or the package manager changed', fromScratch: false };
  // pnpm leaves a copy of the lockfile that it installed, after everything else succeeded.
  if (stamp.installed !== hash('node_modules/.pnpm/lock.yaml'))
    return { reason: 'node_modules changed since', fromScratch: false };
  return undefined;
}

/** To be called before anything is changed, so that an installation cut short is not taken for a whole one. */
export function recordBegin() {
  mkdirSync(`${root}node_modules`, { recursive: true });
  writeStamp({ runtime, complete: false });
}

export function recordSuccess() {
  const wanted = hash('pnpm-lock.yaml');
  const installed = hash('node_modules/.pnpm/lock.yaml');
  writeStamp({ runtime, complete: true, packageManager, wanted, installed });
}

/** Removes node_modules of the root and of all workspace packages. */
export function removeInstallation() {
  // At once and first: pnpm believes in every folder under .pnpm, also in one that was deleted halfway.
  const packages = `${root}node_modules/.pnpm`;
  if (existsSync(packages)) renameSync(packages, `${root}node_modules/.removed-${process.pid}`);
  for (const parent of ['', 'e2e/', ...childrenOf('packages/'), ...childrenOf('examples/')])
    rmSync(`${root}${parent}node_modules`, { recursive: true, force: true });
}

/** @param {string} folder */
function childrenOf(folder) {
  return readdirSync(root + folder).map((name) => `${folder}${name}/`);
}

function readStamp() {
  const text = readIfThere(stampPath);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // written halfway
    throw error;
  }
}

/** @param {Record<string, unknown>} stamp */
function writeStamp(stamp) {
  writeFileSync(root + stampPath, `${JSON.stringify(stamp, null, 2)}\n`);
}

/** @param {string} path */
function hash(path) {
  return createHash('sha256')
    .update(readIfThere(path) ?? '')
    .digest('hex');
}
