// Runs the tests. Arguments go to jest. Ends with one line: `N passed, N failed`.
import { spawn } from 'node:child_process';
import { aptLine, root } from './project.mjs';
import { CanaryWatch } from './testing/canary-watch.mjs';
import { externalTools, leftOut } from './testing/external-tools.mjs';

const orphanGraceMs = 5_000;
const tools = externalTools();
const missing = leftOut(tools);
const remedy = `Install them: ${aptLine(missing.map(({ tool }) => tool.aptPackage))}`;

if (process.env.CI && missing.length > 0) {
  for (const { tool, files } of missing)
    console.error(`${tool.command} is missing, which ${files.length} test file(s) need: ${files.join(', ')}`);
  console.error(`With CI set nothing may be left out, so no test was run. ${remedy}`);
  finish({ passed: 0, failed: missing.length });
} else {
  const { code, counts, problems } = await runJest(process.argv.slice(2));
  for (const problem of problems) console.error(problem);
  for (const { tool, files } of missing)
    console.error(`Left out, since ${tool.command} is missing: ${files.join(', ')}`);
  if (missing.length > 0) console.error(remedy);
  // Without counts and with success jest ran no tests: --listTests, --version and the like.
  if (counts !== undefined || code !== 0) {
    const { passed, failed } = counts ?? { passed: 0, failed: 0 };
    finish({ passed, failed: (code === 0 ? failed : Math.max(failed, 1)) + problems.length });
  }
}

/**
 * @typedef {{ passed: number, failed: number }} Counts
 *
 * @param {readonly string[]} args
 * @returns {Promise<{ code: number, counts: Counts | undefined, problems: string[] }>}
 */
function runJest(args) {
  const nodeOptions = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const chromium = tools.find(({ suffix }) => suffix === 'chromium')?.path;
  const jest = spawn(process.execPath, [...nodeOptions, 'node_modules/jest/bin/jest.js', ...args], {
    cwd: root,
    stdio: ['inherit', 'pipe', 'pipe', 'ipc'],
    env: {
      ...process.env,
      ...(process.stderr.isTTY && process.env.NO_COLOR === undefined && { FORCE_COLOR: '1' }),
      ...(chromium !== undefined && { CHROMIUM_PATH: chromium }),
      LEFT_OUT_TESTS: missing.map(({ tool }) => tool.suffix).join(','),
    },
  });
  const watches = /** @type {const} */ (['stdout', 'stderr']).map((name) => {
    const watch = new CanaryWatch();
    jest[name].setEncoding('utf8').on('data', (/** @type {string} */ chunk) => {
      process[name].write(chunk);
      watch.push(chunk);
    });
    return watch;
  });
  /** @type {Counts | undefined} */
  let counts;
  /** @type {string[]} */
  const problems = [];
  jest.on('message', (message) => (counts = /** @type {Counts} */ (message)));
  return new Promise((resolve, reject) => {
    jest.on('error', reject);
    jest.on('exit', () => {
      const orphaned = setTimeout(() => {
        problems.push('A process that a test started still runs and holds the output open.');
        jest.stdout.destroy();
        jest.stderr.destroy();
      }, orphanGraceMs);
      jest.on('close', () => clearTimeout(orphaned));
    });
    jest.on('close', (code) => {
      watches.forEach((watch) => watch.end());
      problems.push(...watches.flatMap(({ leaks }) => leaks).map((line) => `A secret was printed: ${line}`));
      resolve({ code: code ?? 1, counts, problems });
    });
  });
}

/** @param {Counts} counts */
function finish({ passed, failed }) {
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
