import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';

/** Runs scripts/test.mjs where no program is installed. */
function testScript(env: Record<string, string>) {
  const run = spawnSync(process.execPath, ['scripts/test.mjs', '--listTests'], {
    env: { ...env, PATH: '' },
    encoding: 'utf8',
  });
  return { ...run, lines: run.stdout.trimEnd().split('\n') };
}

test('tests whose tool is missing are left out, and named at the end with the remedy', () => {
  const { status, lines, stderr } = testScript({});
  expect(status).toBe(0);
  expect(lines.filter((line) => line.endsWith('.test.ts')).length).toBeGreaterThan(1);
  expect(lines.filter((line) => line.endsWith('.chromium.test.ts'))).toEqual([]);
  expect(stderr).toMatch(/Left out, since chromium is missing: .*\.chromium\.test\.ts\n/);
  expect(stderr).toMatch(/apt-get install .*chromium.*\n$/);
});

test('with CI set a missing tool fails the run before anything runs', () => {
  const { status, lines, stderr } = testScript({ CI: 'true' });
  expect(status).toBe(1);
  expect(lines.filter((line) => line.endsWith('.test.ts'))).toEqual([]);
  expect(lines.at(-1)).toMatch(/^0 passed, [1-9] failed$/);
  expect(stderr).toMatch(/Left out, since chromium is missing: .*\.chromium\.test\.ts\n/);
});
