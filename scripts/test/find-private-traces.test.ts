import { expect, test } from '@jest/globals';
import { findPrivateTraces } from '../check/find-private-traces.mjs';

// Put together here, so that the source itself holds none.
const at = (...parts: string[]) => ['', ...parts].join('/');

test('a path in a home or work folder is found, with its line', () => {
  for (const folder of ['home', 'Users', 'root', 'work'])
    expect(findPrivateTraces(`first\nsee ${at(folder, 'ann', 'notes.md')}`)).toEqual([
      { line: 2, trace: at(folder, 'ann') },
    ]);
  expect(findPrivateTraces(['C:', 'Users', 'ann'].join('\\'))).toHaveLength(1);
});

test('a path inside a URL, a project or a variable is none', () => {
  const harmless = [
    `https://example.com${at('home', 'page')}`,
    `src${at('work', 'queue.ts')}`,
    `~${at('work', 'x')}`,
  ];
  for (const text of [...harmless, at('home', ''), at('homework', 'x')])
    expect(findPrivateTraces(text)).toEqual([]);
});

test('an invented person may have a home', () => {
  for (const name of ['a', 'me', 'user', 'you'])
    expect(findPrivateTraces(`${at('home', name)} ${at('Users', name, 'x')}`)).toEqual([]);
  expect(findPrivateTraces(at('home', 'users'))).toHaveLength(1);
});

test('how a text was written is no part of it', () => {
  expect(findPrivateTraces(['helper', 'session'].join(' '))).toHaveLength(1);
  expect(findPrivateTraces(['Sub', 'agent'].join('-'))).toHaveLength(1);
});
