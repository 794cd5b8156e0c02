import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { readIfThere } from '../project.mjs';

/**
 * The titles of the tests that a test file declares, itself or by functions of the files that it imports from beside it.
 * What jest fills in (`%s`, `$name`) or the program (`${…}`) stands as it is written.
 * @param {string} path relative to the root
 * @param {(path: string) => string | undefined} [read]
 * @returns {readonly string[] | undefined} `undefined` where there is no such file.
 */
export function testTitles(path, read = readIfThere) {
  const source = read(path);
  return source === undefined ? undefined : [...titlesIn(path, source, read, new Set())];
}

/**
 * @param {string} path
 * @param {string} source
 * @param {(path: string) => string | undefined} read
 * @param {Set<string>} seen
 * @returns {Generator<string>}
 */
function* titlesIn(path, source, read, seen) {
  seen.add(path);
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest);
  /** @type {string[]} */
  const titles = [];
  /** @type {string[]} */
  const imported = [];
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isCallExpression(node) && isTest(node.expression)) titles.push(...textOf(node.arguments[0], file));
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier))
      imported.push(node.moduleSpecifier.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  yield* titles;
  for (const specifier of imported) {
    if (!specifier.startsWith('.')) continue;
    const other = normalize(join(dirname(path), specifier)).replace(/\.js$/, '.ts');
    const content = seen.has(other) ? undefined : read(other);
    if (content !== undefined) yield* titlesIn(other, content, read, seen);
  }
}

/**
 * `test(…)`, `it(…)`, and what `test.each(…)` gives.
 * @param {ts.Expression} callee
 * @returns {boolean}
 */
function isTest(callee) {
  if (ts.isIdentifier(callee)) return callee.text === 'test' || callee.text === 'it';
  if (!ts.isCallExpression(callee) || !ts.isPropertyAccessExpression(callee.expression)) return false;
  const { expression, name } = callee.expression;
  return name.text === 'each' && isTest(expression);
}

/**
 * @param {ts.Expression | undefined} title
 * @param {ts.SourceFile} file
 * @returns {readonly string[]}
 */
function textOf(title, file) {
  if (title === undefined) return [];
  if (ts.isStringLiteralLike(title)) return [title.text];
  if (!ts.isTemplateExpression(title)) return [];
  const spans = title.templateSpans.map(
    ({ expression, literal }) => `\${${expression.getText(file)}}${literal.text}`,
  );
  return [title.head.text + spans.join('')];
}

const filledIn = /%[sdifjopc#$]|\$\{[^}]*\}|\$[A-Za-z_][\w.]*/g;

/**
 * Whether a test of this title, as jest names it when it runs, is one that was declared by `declared`.
 * @param {string} declared
 * @param {string} title
 */
export function isDeclaredBy(declared, title) {
  if (declared === title) return true;
  const fixed = declared.split(filledIn);
  if (fixed.length === 1) return false;
  const escaped = fixed.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`, 's').test(title);
}
