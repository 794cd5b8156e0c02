import { spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { root } from '../project.mjs';
import {
  dueInstallation,
  packageManager,
  recordBegin,
  recordSuccess,
  removeInstallation,
} from './installation.mjs';
import { withInstallLock } from './install-lock.mjs';
import { nativeDriverLoads, requireNativeBuildTools } from './native-driver.mjs';
import { findNodeHeaders } from './node-headers.mjs';
import { SetUpError } from './set-up-error.mjs';

/** Installs what is missing and builds what changed. Says what to do and sets the exit code where it can't. */
export async function setUp() {
  try {
    await withInstallLock(`${root}.bootstrap.lock`, async () => {
      await installWhatIsDue();
      run(process.execPath, ['node_modules/typescript/bin/tsc', '-b'], process.env);
    });
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    console.error(`bootstrap: ${error.message}`);
    process.exitCode = 1;
  }
}

async function installWhatIsDue() {
  const due = dueInstallation();
  if (due === undefined) return;
  await requireNativeBuildTools();
  console.error(`bootstrap: installing, since ${due.reason}`);
  if (due.fromScratch) removeInstallation();
  install();
  if (!nativeDriverLoads()) {
    // pnpm takes what lies in node_modules for good, also when another Node or a dying process left it there.
    console.error('bootstrap: the native SQLite driver does not run; installing from scratch');
    removeInstallation();
    install();
  }
  if (!nativeDriverLoads())
    throw new SetUpError('better-sqlite3 was installed and does not run here; see the output above.');
  recordSuccess();
}

function install() {
  recordBegin();
  run('npx', ['--yes', packageManager, 'install', '--frozen-lockfile'], installEnvironment());
}

function installEnvironment() {
  const environment = { ...process.env };
  const headers = findNodeHeaders(process.execPath, process.versions.node);
  if (headers !== undefined) environment.npm_config_nodedir = headers;
  // npx and node-gyp run whatever `node` comes first: that must be the one which will load the result.
  const first = spawnSync('node', ['-p', 'process.execPath'], { encoding: 'utf8' });
  if (first.error !== undefined || first.stdout.trim() !== process.execPath)
    environment.PATH = [dirname(process.execPath), process.env.PATH].join(delimiter);
  return environment;
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
function run(command, args, env) {
  const shell = command === 'npx' && process.platform === 'win32'; // npx is a .cmd file there
  const { status, signal, error } = spawnSync(command, args, { cwd: root, env, stdio: 'inherit', shell });
  if (error !== undefined) throw new SetUpError(`${command} could not be started: ${error.message}`);
  if (status !== 0)
    throw new SetUpError(
      `\`${[command, ...args].join(' ')}\` ended with ${signal ?? `exit code ${status}`}.`,
    );
}
