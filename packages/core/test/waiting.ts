/** Waits until `condition` holds, and fails after ten seconds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`Waited ten seconds in vain for ${condition.toString()}`);
    await soon(5);
  }
}

export function soon(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
