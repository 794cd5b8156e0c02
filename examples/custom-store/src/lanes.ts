import { ContractViolation } from '@mcp-oauth/store-contract';
import type { ContractCase, SharedHarness } from '@mcp-oauth/store-contract';

/** What came of the cases of one subject. */
export interface GroupResult {
  readonly subject: string;
  readonly cases: number;
  readonly ms: number;
  /** The cases that failed, and what was seen. */
  readonly violations: readonly (readonly [name: string, message: string])[];
}

/** Storages on which cases run side by side. On each only one at a time, since some cut it off or restart it. */
export class Lanes {
  readonly #harnesses: readonly SharedHarness[];
  readonly #free: SharedHarness[];
  readonly #waiting: ((harness: SharedHarness) => void)[] = [];

  constructor(harnesses: readonly SharedHarness[]) {
    this.#harnesses = harnesses;
    this.#free = [...harnesses];
  }

  /** Begins with every subject of a contract, in its order. */
  run(contract: (harness: SharedHarness) => readonly ContractCase[]): readonly Promise<GroupResult>[] {
    const subjects = new Set(this.#harnesses.slice(0, 1).flatMap(contract).map(subjectOf));
    return [...subjects].map(async (subject) => {
      const harness =
        this.#free.pop() ?? (await new Promise<SharedHarness>((free) => this.#waiting.push(free)));
      const cases = contract(harness).filter((one) => subjectOf(one) === subject);
      const result = await runGroup(subject, cases);
      const next = this.#waiting.shift();
      if (next) next(harness);
      else this.#free.push(harness);
      return result;
    });
  }
}

function subjectOf({ subject }: ContractCase): string {
  return subject;
}

async function runGroup(subject: string, cases: readonly ContractCase[]): Promise<GroupResult> {
  const start = performance.now();
  const violations: [string, string][] = [];
  for (const one of cases) {
    try {
      await one.run();
    } catch (error) {
      if (!(error instanceof ContractViolation)) throw error;
      violations.push([one.name, error.message]);
    }
  }
  return { subject, cases: cases.length, ms: performance.now() - start, violations };
}
