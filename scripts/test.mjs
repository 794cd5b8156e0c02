// Runs the tests. Arguments go to jest. The last line of the output is `N passed, N failed`.
import { problemsInRun, readConformanceTable } from './check/conformance-proofs.mjs';
import { aptLine } from './project.mjs';
import { externalTools, leftOut } from './testing/external-tools.mjs';
import { Measurements } from './testing/measurements.mjs';
import { runJest } from './testing/run-jest.mjs';

/** Every file of the contract kit and every run of a contract has the word in its path. */
const contractSuites = '/(packages|e2e|examples)/.*contract';

const tools = externalTools();
const missing = leftOut(tools);
const remedy = `To run them: ${aptLine(missing.map(({ tool }) => tool.aptPackage))}`;

const everything = [
  { args: ['--ignoreProjects', 'fleet'], env: { CONTRACTS_APART: 'true' } },
  // They mostly wait, for leases that run out and servers that start: more of them fit beside each other.
  { args: ['--ignoreProjects', 'fleet', '--testPathPatterns', contractSuites, '--maxWorkers', '4'] },
  // A fleet uses the whole machine: beside other tests it would measure them, and they would wait for it.
  { args: ['--selectProjects', 'fleet', '--runInBand'] },
];
const runs = process.argv.length > 2 ? [{ args: process.argv.slice(2) }] : everything;

if (process.env.CI && missing.length > 0) {
  console.error('No test was run: with CI set none may be left out.');
  nameLeftOut();
  finish({ passed: 0, failed: missing.length });
} else {
  const measurements = new Measurements();
  const env = {
    ...process.env,
    CONTRACT_SUITES: contractSuites,
    CHROMIUM_PATH: tools.find(({ suffix }) => suffix === 'chromium')?.path,
    LEFT_OUT_TESTS: missing.map(({ tool }) => tool.suffix).join(','),
    MEASUREMENTS: measurements.file,
  };
  const results = [];
  for (const run of runs) results.push(await runJest(run.args, { ...env, ...run.env }));
  measurements.print();
  const unproven = runs === everything ? unprovenBy(results.flatMap(({ executed }) => executed)) : [];
  for (const problem of [...results.flatMap(({ problems }) => problems), ...unproven]) console.error(problem);
  nameLeftOut();
  const ran = results.filter(({ code, counts }) => counts !== undefined || code !== 0);
  if (ran.length > 0) {
    finish({
      passed: sum(ran.map(({ counts }) => counts?.passed ?? 0)),
      failed: sum(ran.map(failedIn)) + unproven.length,
    });
  }
}

/**
 * What docs/conformance.md promises and no test of this run has shown.
 * @param {readonly import('./testing/run-jest.mjs').ExecutedTest[]} executed
 */
function unprovenBy(executed) {
  const suffixes = missing.map(({ tool }) => tool.suffix);
  return problemsInRun(readConformanceTable(), executed, suffixes);
}

/** @param {Awaited<ReturnType<typeof runJest>>} result */
function failedIn({ code, counts, problems }) {
  const failed = counts?.failed ?? 0;
  return (code === 0 ? failed : Math.max(failed, 1)) + problems.length;
}

/** @param {readonly number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

function nameLeftOut() {
  for (const { tool, files } of missing)
    console.error(`Left out, since ${tool.command} is missing: ${files.join(', ')}`);
  if (missing.length > 0) console.error(remedy);
}

/** @param {import('./testing/run-jest.mjs').Counts} counts */
function finish({ passed, failed }) {
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
