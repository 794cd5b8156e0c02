import { fork } from 'node:child_process';
import { root } from '../project.mjs';
import { CanaryWatch } from './canary-watch.mjs';

const orphanGraceMs = 5_000;

/**
 * How many tests passed and failed; `undefined` where jest ran none, as with `--listTests`.
 * @typedef {{ passed: number, failed: number }} Counts
 * One of them, by the path of its file from the root.
 * @typedef {{ path: string, title: string, status: string }} ExecutedTest
 */

/**
 * Runs jest, shows what it prints and searches that for secrets.
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ code: number, counts: Counts | undefined, executed: readonly ExecutedTest[], problems: readonly string[] }>}
 */
export function runJest(args, env) {
  const jest = fork('node_modules/jest/bin/jest.js', args, {
    cwd: root,
    env: { ...env, ...(wantsColours() && { FORCE_COLOR: '1' }) },
    execArgv: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    stdio: ['inherit', 'pipe', 'pipe', 'ipc'],
  });
  const watches = [watch(jest.stdout, process.stdout), watch(jest.stderr, process.stderr)];
  /** @type {Counts & { executed: readonly ExecutedTest[] } | undefined} */
  let counts;
  jest.on('message', (message) => (counts = /** @type {typeof counts} */ (message)));
  /** @type {string[]} */
  const problems = [];
  return new Promise((resolve, reject) => {
    jest.on('error', reject);
    jest.on('exit', () => {
      const orphaned = setTimeout(() => {
        problems.push('A process that a test started still runs and holds the output open.');
        jest.stdout?.destroy();
        jest.stderr?.destroy();
      }, orphanGraceMs);
      jest.on('close', () => clearTimeout(orphaned));
    });
    jest.on('close', (code) => {
      const leaks = watches.flatMap((each) => each.end());
      problems.push(...leaks.map((line) => `A secret was printed: ${line}`));
      resolve({ code: code ?? 1, counts, executed: counts?.executed ?? [], problems });
    });
  });
}

/**
 * @param {import('node:stream').Readable | null} from
 * @param {NodeJS.WriteStream} to
 */
function watch(from, to) {
  const canaries = new CanaryWatch();
  from?.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => {
    to.write(chunk);
    canaries.push(chunk);
  });
  return canaries;
}

/** Jest writes into a pipe here, and would take that for somebody who wants no colours. */
function wantsColours() {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  return process.stderr.isTTY && NO_COLOR === undefined && FORCE_COLOR === undefined;
}
