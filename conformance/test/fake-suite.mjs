// Stands for the official suite: takes the same command line, runs the client in the same way, and writes the same files.
// Usage: fake-suite.mjs <directory of list.txt and requirements.txt> client|list …
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const [lists, command, ...rest] = process.argv.slice(2);
const { values } = parseArgs({
  args: rest,
  options: {
    client: { type: 'boolean' },
    requirements: { type: 'string' },
    command: { type: 'string' },
    scenario: { type: 'string' },
    'spec-version': { type: 'string' },
    force: { type: 'boolean' },
    timeout: { type: 'string' },
    output: { type: 'string', short: 'o' },
  },
});

if (command === 'list') {
  process.stdout.write(readFileSync(join(lists, values.client ? 'list.txt' : 'requirements.txt')));
} else {
  const directory = join(values.output, `${values.scenario}-2026-01-01T00-00-00-000Z`);
  mkdirSync(directory, { recursive: true });
  const [program, ...args] = values.command.split(' ');
  const child = spawn(program, [...args, 'http://localhost:1/mcp'], { shell: true });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  child.stderr.pipe(process.stderr);
  child.on('close', (code) => {
    const { status = 'SUCCESS' } = /-(?<status>FAILURE|WARNING|INFO)$/.exec(values.scenario)?.groups ?? {};
    const checks = [
      { id: 'first', status: status === 'INFO' ? 'INFO' : 'SUCCESS' },
      { id: 'second', status, errorMessage: 'what the suite says' },
    ];
    writeFileSync(join(directory, 'checks.json'), JSON.stringify(checks));
    writeFileSync(join(directory, 'stdout.txt'), output);
    // As the real one: who was ended by a signal counts as one that succeeded.
    process.exitCode = (code ?? 0) === 0 && status === 'SUCCESS' ? 0 : 1;
  });
}
