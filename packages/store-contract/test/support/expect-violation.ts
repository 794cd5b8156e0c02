import { expect } from '@jest/globals';
import type { ContractCase } from '@mcp-oauth/store-contract';

/** The case of this name rejects with a violation, which names its seed. */
export async function expectViolation(
  cases: readonly ContractCase[],
  name: string,
  says = '',
): Promise<void> {
  const [found] = cases.filter((one) => one.name === name);
  expect(found?.name).toBe(name);
  const error = await found?.run().then(
    () => new Error('The case passes.'),
    (thrown: unknown) => thrown as Error,
  );
  expect([error?.name, error?.message]).toEqual([
    'ContractViolation',
    expect.stringMatching(/\(seed \d+\)$/),
  ]);
  expect(error?.message).toContain(says);
}
