import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, execPath, stderr, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { columns, driverPath } from './columns.js';
import { gateOptions, usage, UsageError } from './command-line.js';
import { runGate } from './gate/gate.js';
import { Suite } from './suite/suite.js';

/** 128 and the number of the signal, as shells have it. */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

const stopping = new AbortController();
for (const [name, code] of Object.entries(exitCodes)) {
  process.once(name, () => {
    process.exitCode = code;
    stopping.abort(new DOMException(`Stopped by ${name}.`, 'AbortError'));
  });
}

const directory = await mkdtemp(join(tmpdir(), 'mcp-oauth-conformance-'));
const resultsPath = fileURLToPath(new URL('../results.md', import.meta.url));
try {
  const { scenario, driver, update } = gateOptions(argv.slice(2));
  const { failed } = await runGate({
    suite: Suite.installed(),
    columns,
    selection: { scenario, driver },
    client: (column, store) => [execPath, driverPath(column.driver), '--store', store],
    directory,
    committed: update ? undefined : await readFile(resultsPath, 'utf8'),
    publish: (summary) => writeFile(resultsPath, summary),
    write: (text) => void stdout.write(text),
    signal: stopping.signal,
  });
  process.exitCode ??= failed === 0 ? 0 : 1;
} catch (error) {
  if (stopping.signal.aborted) stderr.write('\nStopped.\n');
  else if (error instanceof UsageError) {
    process.exitCode = 2;
    stderr.write(`${error.message}\n\n${usage}`);
  } else throw error;
} finally {
  await rm(directory, { recursive: true, force: true });
}
