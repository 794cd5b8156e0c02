// Checks that everything that docs/conformance.md names is there. Whether its tests ran, scripts/test.mjs checks.
import { conformanceTable, problemsInSources, proofs, readConformanceTable } from './conformance-proofs.mjs';

const text = readConformanceTable();
const problems = problemsInSources(text);
for (const problem of problems) console.error(`${conformanceTable}: ${problem}`);
console.log(`${proofs(text).length} tests are named.`);
process.exitCode = problems.length === 0 ? 0 : 1;
