import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Column } from '../src/columns.js';
import { runGate } from '../src/gate/gate.js';
import type { GateOptions } from '../src/gate/gate.js';
import { Suite } from '../src/suite/suite.js';
import { clientList, requirements } from './suite-lists.js';

const [suitePath, clientPath] = ['fake-suite.mjs', 'fake-client.mjs'].map((name) =>
  fileURLToPath(new URL(name, import.meta.url)),
) as [string, string];
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "somebody's conformance test "));
  await writeFile(join(directory, 'list.txt'), clientList());
  await writeFile(join(directory, 'requirements.txt'), requirements());
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** A gate of one column, whose client behaves as said, at a suite whose checks end as the names of the scenarios say. */
async function gate(
  scenarios: readonly string[],
  behaviour: string,
  { exceptions = [], ...more }: Partial<GateOptions> & Pick<Partial<Column>, 'exceptions'> = {},
) {
  const workplace = await mkdtemp(join(directory, 'run '));
  const set = { title: 'Fakes', wire: '2026-07-28', scenarios };
  const column: Column = {
    id: 'fake',
    title: 'fake',
    driver: 'fake',
    store: 'memory',
    sets: [set],
    exceptions,
  };
  let written = '';
  let published: string | undefined;
  const counts = await runGate({
    suite: new Suite({
      command: [process.execPath, suitePath, directory],
      timeoutMs: behaviour === 'never-exits' ? 3_000 : 30_000,
    }),
    columns: [column],
    selection: {},
    client: () => [process.execPath, clientPath, behaviour, join(directory, 'pid')],
    directory: workplace,
    committed: undefined,
    publish: async (summary) => {
      published = summary;
    },
    write: (text) => (written += text),
    signal: new AbortController().signal,
    ...more,
  });
  return { counts, written, published };
}

const lastLine = (text: string) => text.trimEnd().split('\n').at(-1);

test('scenarios that succeed count as passed, are told of in their order, and the last line is the sum', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `auth/${name}`);
  const { counts, written } = await gate(names, 'completes');
  expect(counts).toEqual({ passed: 5, failed: 0 });
  expect([...written.matchAll(/^ok +(\S+)/gm)].map(([, name]) => name)).toEqual(names);
  expect(lastLine(written)).toBe('5 passed, 0 failed');
});

test('a check that warns fails its scenario, as one that fails does, and says why', async () => {
  const { counts, written } = await gate(['auth/x-WARNING', 'auth/x-FAILURE', 'auth/x'], 'completes');
  expect(counts).toEqual({ passed: 1, failed: 2 });
  expect(written).toContain('WARNING second: what the suite says');
  expect(written).toContain('FAILED auth/x-WARNING 2026-07-28 fake\n');
  expect(lastLine(written)).toBe('1 passed, 2 failed');
});

test('a scenario of which no check says anything fails', async () => {
  const { counts, written } = await gate(['auth/x-INFO'], 'completes');
  expect(counts).toEqual({ passed: 0, failed: 1 });
  expect(written).toContain('No check succeeded.');
});

test('a client that fails fails its scenario, although every check of the suite succeeded', async () => {
  const { counts, written } = await gate(['auth/x'], 'fails');
  expect(counts).toEqual({ passed: 0, failed: 1 });
  expect(written).toContain('should have ended as completed: Error: it did not work');
});

test('a client that a signal ends fails its scenario, although the suite takes it for one that succeeded', async () => {
  const { counts, written } = await gate(['auth/x'], 'dies');
  expect(counts).toEqual({ passed: 0, failed: 1 });
  expect(written).toContain('it was gone before it said how');
});

test('a client that never exits fails its scenario, and the next ones run', async () => {
  const { counts, written } = await gate(['auth/x'], 'never-exits');
  expect(counts).toEqual({ passed: 0, failed: 1 });
  expect(written).toContain('Suite and client had to be killed.');
});

test('a scenario that no row runs fails the gate', async () => {
  await writeFile(join(directory, 'list.txt'), clientList(['auth/new [2026-07-28]']));
  const { counts, written } = await gate(['auth/x'], 'completes');
  expect(counts).toEqual({ passed: 1, failed: 1 });
  expect(written).toContain('FAILED The suite has auth/new');
  expect(lastLine(written)).toBe('1 passed, 1 failed');
});

test('results that were committed hold as long as the same scenarios pass', async () => {
  const { published = '' } = await gate(['auth/x', 'auth/y'], 'completes');
  const same = await gate(['auth/x', 'auth/y'], 'completes', { committed: published });
  expect(same.counts).toEqual({ passed: 2, failed: 0 });
  expect(same.published).toBeUndefined();

  const grown = await gate(['auth/x', 'auth/y', 'auth/z'], 'completes', { committed: published });
  expect(grown.counts).toEqual({ passed: 3, failed: 1 });
  expect(grown.written).toContain('auth/z (Fakes, fake): was not there, is passes.');

  const upgraded = await gate(['auth/x', 'auth/y'], 'completes', {
    committed: published.replace('0.2.0', '0.3.0'),
  });
  expect(upgraded.counts).toEqual({ passed: 2, failed: 1 });
});

test('an exception whose limit is gone fails the gate', async () => {
  const exception = {
    scenarios: ['auth/y'],
    reason: 'It can not be done.',
    reproduction: '../test/fake-client.mjs',
  };
  const { counts, published } = await gate(['auth/x', 'auth/y'], 'completes', { exceptions: [exception] });
  expect(counts).toEqual({ passed: 1, failed: 0 });
  expect(published).toMatch(/^\| `auth\/y` +\| n\/a +\|$/m);
  const gone = { ...exception, reproduction: '../test/no-such-file.mjs' };
  const { counts: broken, written } = await gate(['auth/x', 'auth/y'], 'completes', { exceptions: [gone] });
  expect(broken).toEqual({ passed: 1, failed: 1 });
  expect(written).toContain('shows its limit no more');
});

test('a gate that is given up ends what it has started', async () => {
  const giveUp = new AbortController();
  setTimeout(() => giveUp.abort(new Error('given up')), 500);
  await expect(
    gate(['auth/x', 'auth/y', 'auth/z'], 'never-exits', { signal: giveUp.signal }),
  ).rejects.toThrow('given up');
});
