import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { aptLine, readIfThere, root } from '../project.mjs';
import { SetUpError } from './set-up-error.mjs';

const driver = 'better-sqlite3';
const owner = 'packages/storage-sqlite';

/** Whether the installed SQLite driver runs on this Node. A child tries it: a wrong binary may crash its process. */
export function nativeDriverLoads() {
  if (installedVersion() === undefined) return false;
  const probe = `new (require('${driver}'))(':memory:').close()`;
  return spawnSync(process.execPath, ['-e', probe], { cwd: root + owner, stdio: 'ignore' }).status === 0;
}

/**
 * Throws a {@link SetUpError} where the driver would have to be compiled and a tool for that is missing.
 * Compiling is the last resort: an installed driver or a prebuilt one spares it.
 */
export async function requireNativeBuildTools() {
  const missing = missingBuildTools();
  if (missing.length === 0) return;
  const version = pinnedVersion();
  if (version === installedVersion() && nativeDriverLoads()) return;
  if (await prebuiltBinaryExists(version)) return;
  const names = new Intl.ListFormat('en').format(missing);
  const remedy =
    process.platform === 'darwin' ? 'xcode-select --install' : `on Debian and Ubuntu: ${aptLine(missing)}`;
  throw new SetUpError(
    `${driver}@${version} must be compiled for Node ${process.versions.node}, and ${names} ` +
      `${missing.length === 1 ? 'is' : 'are'} missing. Nothing was installed. Install the tools and try again: ${remedy}`,
  );
}

function missingBuildTools() {
  if (process.platform === 'win32') return []; // node-gyp finds Visual Studio by itself, and says so if it can't
  const { PYTHON, npm_config_python, CXX } = process.env;
  const commands = {
    python3: npm_config_python ?? PYTHON ?? 'python3',
    make: 'make',
    'g++': CXX ?? (process.platform === 'darwin' ? 'c++' : 'g++'),
  };
  return Object.entries(commands)
    .filter(([, command]) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status !== 0)
    .map(([tool]) => tool);
}

/** Asks where the driver's install script (prebuild-install) would download from. @param {string} version */
async function prebuiltBinaryExists(version) {
  const { modules } = process.versions;
  const musl = existsSync('/etc/alpine-release') ? 'musl' : '';
  const file = `${driver}-v${version}-node-v${modules}-${process.platform}${musl}-${process.arch}.tar.gz`;
  const url = `https://github.com/WiseLibs/${driver}/releases/download/v${version}/${file}`;
  try {
    return (await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(5_000) })).ok;
  } catch (error) {
    // Offline (a TypeError of fetch) or too slow: then the install script won't get it either.
    if (error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError'))
      return false;
    throw error;
  }
}

function installedVersion() {
  const manifest = readIfThere(`${owner}/node_modules/${driver}/package.json`);
  return manifest === undefined ? undefined : /** @type {string} */ (JSON.parse(manifest).version);
}

function pinnedVersion() {
  const { devDependencies } = JSON.parse(readIfThere(`${owner}/package.json`) ?? '{}');
  return /** @type {string} */ (devDependencies[driver]);
}
