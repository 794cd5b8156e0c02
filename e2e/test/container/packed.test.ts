import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PackedPackages } from './support/packed-packages.js';

const SDK_V1 = '@modelcontextprotocol/sdk';
const SDK_V2 = '@modelcontextprotocol/client';
let packed: PackedPackages;

beforeAll(async () => {
  packed = await PackedPackages.install();
}, 120_000);

afterAll(() => packed.remove());

const without = (dependency: string): object => ({
  code: 'ERR_MODULE_NOT_FOUND',
  message: expect.stringMatching(new RegExp(`^Cannot find package '${dependency}' `)),
});

test.each([
  [SDK_V1, SDK_V2, [{}, without(SDK_V2)]],
  [SDK_V2, SDK_V1, [without(SDK_V1), {}]],
])(
  'where of the two MCP SDKs only %s is installed, its entry loads and needs no %s',
  async (installed, _missing, outcomes) => {
    await packed.add(installed);
    const entries = ['@mcp-oauth/transport-factory', '@mcp-oauth/transport-factory/v2'];
    expect(await packed.import(entries)).toEqual(outcomes);
    await packed.without(installed);
  },
  120_000,
);

test('where Inversify is not installed every package loads, and only its container entry asks for it', async () => {
  await packed.add(SDK_V1);
  await packed.add(SDK_V2);
  const names = packed.entries();
  expect(names).toContain('@mcp-oauth/core');
  expect(await packed.import(names)).toEqual(names.map(() => ({})));
  const modules = [...packed.entries('/inversify'), ...packed.entries('/v2/inversify')];
  expect(modules.length).toBeGreaterThanOrEqual(8);
  expect(await packed.import(modules)).toEqual(modules.map(() => without('inversify')));
}, 120_000);

test('where it is installed every container entry loads', async () => {
  await packed.add('inversify');
  const modules = packed.entries('/inversify');
  expect(await packed.import(modules)).toEqual(modules.map(() => ({})));
}, 120_000);

test.each([
  [SDK_V2, '@mcp-oauth/transport-factory/inversify'],
  [SDK_V1, '@mcp-oauth/transport-factory/v2/inversify'],
])(
  'without %s the container entry of the other SDK loads',
  async (missing, entry) => {
    await packed.without(missing);
    expect(await packed.import([entry])).toEqual([{}]);
    await packed.add(missing);
  },
  120_000,
);
