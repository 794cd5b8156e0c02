import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

function run(env: Readonly<Record<string, string>>): Promise<{ readonly stdout: string }> {
  return promisify(execFile)(process.execPath, [main], { env: { ...process.env, ...env } });
}

test('the example ends with success, tells of each subject, and shows no token', async () => {
  const { stdout: printed } = await run({});
  expect(printed).toMatch(/^ {2}✓ processes +5 cases/m);
  expect(printed).toMatch(/^ {2}✓ one token request was sent$/m);
  expect(printed).toMatch(/^All \d+ promises hold, in/m);
  expect(printed).not.toMatch(/✗|[A-Za-z0-9_-]{30}/);
}, 240_000);

test('a database that is not there is told in a sentence, with a password nowhere in it', async () => {
  const refused = run({ DATABASE_URL: 'postgresql://somebody:p%40ssw0rd@127.0.0.1:1/nothing' });
  await expect(refused).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^\nThe token store failed in PostgreSQL \(ECONNREFUSED\): [^\n]*\n$/),
  });
});
