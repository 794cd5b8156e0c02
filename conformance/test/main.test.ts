import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
/** Ends every driver, and nothing else, before it has done anything. */
const deadDrivers = `--import "data:text/javascript,if(process.argv[1].includes('drivers'))process.exit(3)"`;

interface End {
  readonly code: number | null;
  readonly lastLine: string | undefined;
  readonly errors: string;
}

function gate(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<End> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...env } });
    let [output, errors] = ['', ''];
    child.stdout.on('data', (data) => (output += String(data)));
    child.stderr.on('data', (data) => (errors += String(data)));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, lastLine: output.trimEnd().split('\n').at(-1), errors }));
  });
}

const one = ['--scenario', 'auth/metadata-default', '--driver', 'v1-session-fetch'];

test('one scenario of the installed suite ends with the sum as the last line, and with exit code 0', async () => {
  const scenario = ['--scenario', 'auth/2025-03-26-oauth-endpoint-fallback', '--driver', 'v1-session-fetch'];
  expect(await gate(scenario)).toMatchObject({ code: 0, lastLine: '1 passed, 0 failed' });
});

test('where a driver dies, the exit code is 1, and the last line is the sum', async () => {
  const end = await gate(one, { NODE_OPTIONS: deadDrivers });
  expect(end).toMatchObject({ code: 1, lastLine: '0 passed, 2 failed' });
});

test('a command line that can not be meant is refused with what there is, and exit code 2', async () => {
  const refused = async (...args: string[]) => {
    const { code, errors } = await gate(args);
    expect(code).toBe(2);
    return errors;
  };
  expect(await refused('--scenario', 'auth/none')).toContain('There is no scenario auth/none.');
  expect(await refused('--driver', 'v3')).toContain('v1-session-fetch, v1-auth-provider');
  expect(await refused('--driver', 'v1-session-fetch', '--update')).toContain('a run of everything');
  expect(await refused('--verbose')).toContain('--verbose');
});
