import { expect, test } from '@jest/globals';
import { rowDifferences } from '../src/rows.js';
import { listedScenarios } from '../src/suite/listed-scenarios.js';
import { clientList, requirements } from './suite-lists.js';

test('a suite with exactly the scenarios of the rows differs in nothing', () => {
  expect(rowDifferences(listedScenarios(clientList(), requirements()))).toEqual([]);
});

test('a scenario that a suite has anew, of any kind, is missed', () => {
  const lists = listedScenarios(clientList(['auth/new [2026-07-28]']), requirements());
  expect(rowDifferences(lists)).toEqual([
    'The suite has auth/new among those of revision 2026-07-28, and the gate does not run it.',
  ]);
  expect(rowDifferences(listedScenarios(clientList(), requirements(['auth/new'])))).toEqual([
    'The suite has auth/new among those scored at 2026-07-28, and the gate does not run it.',
  ]);
  expect(rowDifferences(listedScenarios(clientList(['auth/new [extension]']), requirements()))).toEqual([
    'The suite has auth/new among the extensions, and the gate does not run it.',
  ]);
});

test('a scenario that a suite has no more, or not in this revision, is told of', () => {
  const without = clientList().replace(/^.*auth\/iss-supported .*\n/m, '');
  expect(rowDifferences(listedScenarios(without, requirements()))).toEqual([
    'The gate runs auth/iss-supported as one of those of revision 2026-07-28, and the suite has it there no more.',
  ]);
});

test('a list that can not be read has none of the scenarios', () => {
  expect(rowDifferences(listedScenarios('', '')).length).toBeGreaterThan(47);
});
