// Checks everything that is not a test. The last line of the output is `N passed, N failed`, counted in steps.
import { spawn } from 'node:child_process';
import { root } from './project.mjs';

const sideBySide = 2;

/** The steps, the longest first. @type {readonly (readonly [name: string, ...args: string[]])[]} */
const steps = [
  ['lint', 'node_modules/eslint/bin/eslint.js', '--max-warnings=0', '.'],
  ['packaging', 'scripts/check/packaging.mjs'],
  ['types', 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.test.json'],
  ['types of scripts', 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.scripts.json'],
  ['format', 'node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'],
  [
    'boundaries',
    'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
    'packages',
    'conformance',
    'e2e',
    'examples',
  ],
  ['unused', 'node_modules/knip/bin/knip.js', '--no-progress', '--no-config-hints'],
  ['conformance table', 'scripts/check/conformance-table.mjs'],
  ['private traces', 'scripts/check/private-traces.mjs'],
];

const waiting = [...steps];
/** @type {{ name: string, output: string }[]} */
const failures = [];
await Promise.all(Array.from({ length: sideBySide }, worker));
for (const { name, output } of failures) console.log(`\n--- ${name} ---\n${output.trim()}`);
console.log(`\n${steps.length - failures.length} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;

async function worker() {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
    const [name, ...args] = step;
    const begun = performance.now();
    const { succeeded, output } = await run(args);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`${succeeded ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
    if (!succeeded) failures.push({ name, output });
  }
}

/**
 * @param {readonly string[]} args
 * @returns {Promise<{ succeeded: boolean, output: string }>}
 */
function run(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ succeeded: code === 0, output }));
  });
}
