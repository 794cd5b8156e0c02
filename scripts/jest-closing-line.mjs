/** Ends the run with one line that anybody can count: `N passed, N failed`. */
export default class ClosingLine {
  onRunComplete(_contexts, result) {
    const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
    process.stdout.write(`\n${result.numPassedTests} passed, ${failed} failed\n`);
  }
}
