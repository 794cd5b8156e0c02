import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PackedPackages } from './support/packed-packages.js';

let packed: PackedPackages;

beforeAll(async () => {
  packed = await PackedPackages.install();
}, 120_000);

afterAll(() => packed.remove());

test('where Inversify is not installed every package loads, and only its container entry asks for it', async () => {
  const names = packed.entries();
  expect(names).toContain('@mcp-oauth/core');
  expect(await packed.import(names)).toEqual(names.map(() => ({})));
  const modules = packed.entries('/inversify');
  expect(modules.length).toBeGreaterThanOrEqual(7);
  expect(await packed.import(modules)).toEqual(
    modules.map(() => ({
      code: 'ERR_MODULE_NOT_FOUND',
      message: expect.stringMatching(/^Cannot find package 'inversify' /),
    })),
  );
}, 120_000);

test('where it is installed every container entry loads', async () => {
  await packed.add('inversify');
  const modules = packed.entries('/inversify');
  expect(await packed.import(modules)).toEqual(modules.map(() => ({})));
}, 120_000);
