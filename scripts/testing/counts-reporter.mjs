import { relative } from 'node:path';
import { root } from '../project.mjs';

/**
 * A jest reporter that tells how many tests passed and failed: to scripts/test.mjs where that started jest, with each test
 * that it ran, else in one line that anybody can count.
 */
export default class CountsReporter {
  /** @type {import('./run-jest.mjs').ExecutedTest[]} */
  #executed = [];

  /**
   * @param {unknown} _test
   * @param {{ testFilePath: string, testResults: readonly { title: string, status: string }[] }} result
   */
  onTestResult(_test, { testFilePath, testResults }) {
    const path = relative(root, testFilePath);
    this.#executed.push(...testResults.map(({ title, status }) => ({ path, title, status })));
  }

  /**
   * @param {unknown} _contexts
   * @param {{ numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number }} result
   */
  async onRunComplete(_contexts, result) {
    const passed = result.numPassedTests;
    const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
    const message = { passed, failed, executed: this.#executed };
    // Jest may end the process before all of it is on its way.
    if (process.send) await new Promise((resolve) => process.send?.(message, resolve));
    else process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  }
}
