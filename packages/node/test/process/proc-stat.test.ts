import { expect, test } from '@jest/globals';
import { parseProcStat } from '../../src/process/proc-stat.js';

const fields = 'S 10 42 11 34816 43 4194304 1 2 3 4 5 6 7 8 20 0 1 0 309645 3133440 414';

test.each(['node', 'a b', 'a) S 1 1 (b', '(sd-pam)', '', 'line\nbreak'])(
  'a program may call itself %j without misleading the reader',
  (name) => {
    expect(parseProcStat(`77 (${name}) ${fields}\n`)).toEqual({
      pid: 77,
      state: 'S',
      processGroup: 42,
      foregroundGroup: 43,
      startTime: '309645',
    });
  },
);

test.each(['', '77', '77 (node', '77 (node) S 1', 'x (node) S'])('%j is no process', (text) => {
  expect(parseProcStat(text)).toBeUndefined();
});
