import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { startPostgresql } from '@mcp-oauth/e2e/postgresql';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

async function run(env: Readonly<Record<string, string>>): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [main], { env: { ...process.env, ...env } });
  return stdout;
}

test('the example ends with success, tells of each subject, and shows no token', async () => {
  const printed = await run({});
  expect(printed).toMatch(/^ {2}✓ processes +5 cases/m);
  expect(printed).toMatch(/^ {2}✓ one token request was sent$/m);
  expect(printed).toMatch(/^All \d+ promises hold, in/m);
  expect(printed).not.toMatch(/✗|[A-Za-z0-9_-]{30}/);
}, 240_000);
