import { expect, test } from '@jest/globals';
import { problemsInRun, problemsInSources, proofs } from '../check/conformance-proofs.mjs';
import { isDeclaredBy, testTitles } from '../check/test-titles.mjs';

const path = 'packages/x/test/a.test.ts';
const sources = {
  exists: (file: string) => file === 'packages/x/src/a.ts',
  titles: (file: string) => (file === path ? ['does its work', 'A1: refuses %s', 'a \\ b | c'] : undefined),
};
const named = (title: string, file = path) => `\`${file}::${title}\``;
const ran = (title: string, status = 'passed') => [{ path, title, status }];

/** All rows that there must be, but for those given. */
function table(rows: Readonly<Record<string, string>> = {}): string {
  const numbers = Object.entries({ '': 88, E: 22, N: 16 }).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, index) => `${kind}${String(index + 1)}`),
  );
  return numbers
    .map(
      (number) =>
        rows[number] ?? `| ${number} | what | \`packages/x/src/a.ts\` | ${named('does its work')} |`,
    )
    .join('\n');
}

test('a table in which everything is there has no problem', () => {
  expect(problemsInSources(table(), sources)).toEqual([]);
});

test.each([
  ['a row that is missing', '', /Requirement 7 has no row/],
  [
    'a row that is there twice',
    '| 7 | a | *Host:* x |  |\n| 7 | b | *Host:* x |  |',
    /Requirement 7 has two rows/,
  ],
  ['a row without a test or a reason', '| 7 | a | `packages/x/src/a.ts` | |', /Requirement 7 names no test/],
  [
    'a file that is gone',
    '| 7 | a | `packages/x/src/gone.ts` | *Host:* x |',
    /no file packages\/x\/src\/gone.ts/,
  ],
  [
    'a test file that is gone',
    `| 7 | a | | ${named('does its work', 'e2e/test/gone.test.ts')} |`,
    /no test file e2e/,
  ],
  ['a test that is gone', `| 7 | a | | ${named('does its wor')} |`, /has no test "does its wor"/],
])('%s is a problem', (_, row, expected) => {
  const problems = problemsInSources(table({ 7: row }), sources);
  expect(problems).toEqual([expect.stringMatching(expected)]);
});

test('a row that says why it has no test is none', () => {
  const row = '| 7 | a | *Host:* its pages are its own. | |';
  expect(problemsInSources(table({ 7: row }), sources)).toEqual([]);
});

test('a test is named as it is declared, or as it runs', () => {
  const row = `| 7 | a | | ${named('A1: refuses %s')} ${named('A1: refuses http://x')} |`;
  expect(problemsInSources(table({ 7: row }), sources)).toEqual([]);
});

test('bars of a title are escaped in a table', () => {
  expect(proofs('| `packages/x/test/a.test.ts::a \\ b \\| c` |')).toEqual([{ path, title: 'a \\ b | c' }]);
});

test('a named test that ran and passed is no problem', () => {
  expect(problemsInRun(named('does its work'), ran('does its work'))).toEqual([]);
});

test.each([
  ['did not run', [], /^Did not run, .*::does its work$/],
  ['ran in another file', [{ path: 'x.test.ts', title: 'does its work', status: 'passed' }], /^Did not run/],
  ['failed', ran('does its work', 'failed'), /^Did not pass/],
  ['was skipped', ran('does its work', 'pending'), /^Did not pass/],
])('a named test that %s is a problem', (_, executed, expected) => {
  expect(problemsInRun(named('does its work'), executed)).toEqual([expect.stringMatching(expected)]);
});

test('of tests that are declared by one title all have to pass', () => {
  const text = named('A1: refuses %s');
  expect(problemsInRun(text, ran('A1: refuses x'))).toEqual([]);
  const executed = [...ran('A1: refuses x'), ...ran('A1: refuses y', 'failed')];
  expect(problemsInRun(text, executed)).toHaveLength(1);
});

test('a test whose tool is missing on this machine need not run', () => {
  const text = named('does its work', 'e2e/test/a.redis.test.ts');
  expect(problemsInRun(text, [], ['redis'])).toEqual([]);
  expect(problemsInRun(text, [])).toHaveLength(1);
});

test('titles are read out of a test file and of what it imports from beside it', () => {
  const files: Readonly<Record<string, string>> = {
    'e2e/test/a.test.ts': `
      import { helper } from './support/helper.js';
      import { more } from '@somewhere/else';
      test('it\\'s one', () => {});
      test.each([1])(\`two of %s\`, () => {});
      it(\`three \${x.y}\`, () => {});
      describe('a group', () => { test("four", () => {}); });
      notATest('five');
    `,
    'e2e/test/support/helper.ts': `import '../a.test.js'; export const helper = () => test('six', () => {});`,
  };
  const titles = testTitles('e2e/test/a.test.ts', (file) => files[file]);
  expect(titles).toEqual(["it's one", 'two of %s', 'three ${x.y}', 'four', 'six']);
  expect(testTitles('e2e/test/b.test.ts', (file) => files[file])).toBeUndefined();
});

test.each([
  ['a %s b', 'a (x) b', true],
  ['a %s b', 'a b', false],
  ['$name is $ok', 'it is fine', true],
  ['${kind}: one', 'fs: one', true],
  ['a. b', 'a, b', false],
  ['100 %', '100 %', true],
])('%j declares %j: %j', (declared, title, expected) => {
  expect(isDeclaredBy(declared, title)).toBe(expected);
});
