import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { readIfThere, root } from '../project.mjs';
import { isDeclaredBy, testTitles } from './test-titles.mjs';

/**
 * A test that docs/conformance.md names: `path::title`.
 * @typedef {{ path: string, title: string }} Proof
 * A test that ran.
 * @typedef {{ path: string, title: string, status: string }} ExecutedTest
 * What the checks need of the repository.
 * @typedef {{ exists: (path: string) => boolean, titles: (path: string) => readonly string[] | undefined }} Sources
 */

export const conformanceTable = 'docs/conformance.md';

/** How many rows there are of each kind: requirements, extensions (E), and what the official suite doesn't test (N). */
const expectedRows = { '': 88, E: 22, N: 16 };
/** How a row begins that has no test, and says why. */
const reasons = ['*Host:*', '*Not done:*', '*Not testable:*'];

/** @type {Sources} */
const repository = {
  exists: (path) => existsSync(root + path),
  titles: (path) => testTitles(path),
};

/** The text of the table. */
export function readConformanceTable() {
  return readIfThere(conformanceTable) ?? '';
}

/**
 * Everything that is named in the text and isn't in the sources, and every requirement that has no row or no proof.
 * @param {string} text
 * @param {Sources} [sources]
 * @returns {readonly string[]}
 */
export function problemsInSources(text, sources = repository) {
  return [
    ...rowProblems(text),
    ...namedFiles(text)
      .filter((path) => !sources.exists(path))
      .map((path) => `There is no file ${path}.`),
    ...proofs(text).flatMap(({ path, title }) => {
      const titles = sources.titles(path);
      if (titles === undefined) return [`There is no test file ${path}.`];
      return titles.some((declared) => isDeclaredBy(declared, title))
        ? []
        : [`${path} has no test ${JSON.stringify(title)}.`];
    }),
  ];
}

/**
 * The named tests that did not run, or not with success.
 * @param {string} text
 * @param {readonly ExecutedTest[]} executed
 * @param {readonly string[]} [leftOut] The suffixes of test files that can't run on this machine.
 * @returns {readonly string[]}
 */
export function problemsInRun(text, executed, leftOut = []) {
  return proofs(text).flatMap(({ path, title }) => {
    if (
      basename(path)
        .split('.')
        .some((part) => leftOut.includes(part))
    )
      return [];
    const ran = executed.filter((one) => one.path === path && isDeclaredBy(title, one.title));
    const name = `${path}::${title}`;
    if (ran.length === 0) return [`Did not run, and ${conformanceTable} names it: ${name}`];
    return ran.every(({ status }) => status === 'passed')
      ? []
      : [`Did not pass, and ${conformanceTable} names it: ${name}`];
  });
}

/** @param {string} text @returns {readonly Proof[]} */
export function proofs(text) {
  return codeSpans(text).flatMap((span) => {
    const at = span.indexOf('::');
    return at === -1 ? [] : [{ path: span.slice(0, at), title: span.slice(at + 2) }];
  });
}

/** @param {string} text @returns {readonly string[]} */
function namedFiles(text) {
  return codeSpans(text).filter(
    (span) => !span.includes('::') && /^(?:packages|e2e|conformance|docs|examples|scripts)\/\S+$/.test(span),
  );
}

/**
 * What stands in backticks. A table has its bars escaped there too.
 * @param {string} text
 */
function codeSpans(text) {
  return [...text.matchAll(/(`+)(.+?)\1(?!`)/g)].map(([, , span = '']) => span.replaceAll('\\|', '|').trim());
}

/** @param {string} text @returns {readonly string[]} */
function rowProblems(text) {
  const rows = new Map();
  /** @type {string[]} */
  const problems = [];
  for (const line of text.split('\n')) {
    const number = /^\| ([A-Z]?\d+) \|/.exec(line)?.[1];
    if (number === undefined) continue;
    if (rows.has(number)) problems.push(`Requirement ${number} has two rows.`);
    rows.set(number, line);
  }
  for (const number of expectedNumbers()) {
    const row = rows.get(number);
    if (row === undefined) problems.push(`Requirement ${number} has no row.`);
    else if (proofs(row).length === 0 && !reasons.some((reason) => row.includes(reason)))
      problems.push(`Requirement ${number} names no test, and says no reason (${reasons.join(', ')}).`);
  }
  return problems;
}

function* expectedNumbers() {
  for (const [kind, count] of Object.entries(expectedRows)) {
    for (let number = 1; number <= count; number++) yield `${kind}${number}`;
  }
}
