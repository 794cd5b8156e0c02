import { sleep } from '../scene.js';
import { must } from '../violation.js';
import type { HeldRefresh } from './authorization-server/refresh-gate.js';

const ARRIVAL_MS = 20_000;
const LOOK_MS = 20;

/** Waits for a refresh that has to come. */
export async function mustArrive(held: HeldRefresh): Promise<void> {
  await mustBecome(() => held.hasArrived, 'Somebody asks the server to refresh an expired token', ARRIVAL_MS);
}

/** Waits until it is so. */
export async function mustBecome(
  holds: () => Promise<boolean> | boolean,
  promise: string,
  withinMs: number,
): Promise<void> {
  const until = performance.now() + withinMs;
  while (!(await holds())) {
    must(performance.now() < until, `${promise}, within ${String(withinMs)} ms`);
    await sleep(LOOK_MS);
  }
}
