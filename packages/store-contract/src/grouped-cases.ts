import type { ContractCase } from './harness.js';

/** A case before it is known which of the subjects it belongs to. */
export type UngroupedCase = Omit<ContractCase, 'subject'>;

/** Makes every case of every group, in their order. A group is called by its subject. */
export function casesOf<Harness>(
  groups: Readonly<Record<string, readonly ((harness: Harness) => UngroupedCase)[]>>,
  harness: Harness,
): ContractCase[] {
  return Object.entries(groups).flatMap(([subject, makers]) =>
    makers.map((make) => ({ subject, ...make(harness) })),
  );
}
