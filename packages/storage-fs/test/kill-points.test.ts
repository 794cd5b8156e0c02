import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { allPaths, filesWith, freshPath, key, put, textAt } from './support/places.js';
import { Worker } from './support/processes.js';
import type { Step } from './support/processes.js';

const older = 'secret-of-the-older';
const oldText = 'secret-of-the-old';
const newText = 'secret-of-the-new';

/** What is there before, what the process does, and what may be there if it is killed. */
const scenarios: readonly [
  string,
  prepare: (store: FileTokenStore) => Promise<unknown>,
  Step,
  (string | null)[],
][] = [
  ['the first record', () => Promise.resolve(), ['cas', key, null, newText], [null, newText]],
  [
    'an update',
    async (store) => {
      await put(store, older);
      await put(store, oldText);
    },
    ['cas', key, 'current', newText],
    [oldText, newText],
  ],
  ['a delete', (store) => put(store, oldText), ['cas', key, 'current', null], [oldText, null]],
  ['a purge', (store) => put(store, oldText), ['purge', key.partition], [oldText, null]],
];

for (const [what, prepare, step, allowed] of scenarios)
  test(`B01: killed before any call to the file system, ${what} is there whole or not at all`, async () => {
    const seen = new Set<string | null>();
    for (let at = 1, killed = true; killed; at++) {
      const directory = freshPath();
      await prepare(new FileTokenStore({ directory }));
      const worker = new Worker([['fault', { at, action: 'kill' }], step], { directory });
      ({ killed } = await worker.end());

      const store = new FileTokenStore({ directory });
      const found = await textAt(store);
      seen.add(found);
      expect([at, allowed.includes(found)]).toEqual([at, true]);
      // The next process goes on from there, and what was superseded leaves no bytes behind.
      await put(store, 'the next');
      expect(await textAt(store)).toBe('the next');
      agePaths(join(directory, 'tmp'));
      await put(new FileTokenStore({ directory }), 'the last');
      for (const text of [older, oldText, newText, 'the next'])
        expect([at, filesWith(directory, text)]).toEqual([at, []]);
      expect([at, allPaths(join(directory, 'tmp'))]).toEqual([at, []]);
      if (!killed) expect(at).toBeGreaterThan(10);
    }
    expect(seen).toEqual(new Set(allowed));
  }, 240_000);

function agePaths(directory: string): void {
  for (const path of allPaths(directory)) utimesSync(path, 1, 1);
}
