/**
 * A jest reporter that tells how many tests passed and failed: to scripts/test.mjs where that started jest, else in one
 * line that anybody can count.
 */
export default class CountsReporter {
  /**
   * @param {unknown} _contexts
   * @param {{ numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number }} result
   */
  onRunComplete(_contexts, result) {
    const passed = result.numPassedTests;
    const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
    if (process.send) process.send({ passed, failed });
    else process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  }
}
