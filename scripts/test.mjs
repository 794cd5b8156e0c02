// Runs the tests. Arguments go to jest. The last line of the output is `N passed, N failed`.
import { aptLine } from './project.mjs';
import { externalTools, leftOut } from './testing/external-tools.mjs';
import { runJest } from './testing/run-jest.mjs';

const tools = externalTools();
const missing = leftOut(tools);
const remedy = `To run them: ${aptLine(missing.map(({ tool }) => tool.aptPackage))}`;

if (process.env.CI && missing.length > 0) {
  console.error('No test was run: with CI set none may be left out.');
  nameLeftOut();
  finish({ passed: 0, failed: missing.length });
} else {
  const { code, counts, problems } = await runJest(process.argv.slice(2), {
    ...process.env,
    CHROMIUM_PATH: tools.find(({ suffix }) => suffix === 'chromium')?.path,
    LEFT_OUT_TESTS: missing.map(({ tool }) => tool.suffix).join(','),
  });
  for (const problem of problems) console.error(problem);
  nameLeftOut();
  if (counts !== undefined || code !== 0) {
    const { passed, failed } = counts ?? { passed: 0, failed: 0 };
    finish({ passed, failed: (code === 0 ? failed : Math.max(failed, 1)) + problems.length });
  }
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
