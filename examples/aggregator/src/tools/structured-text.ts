const MAX_DEPTH = 500;
const MAX_INDENTED_DEPTH = 20;
const MAX_INDENTED_CHARACTERS = 20_000;

/**
 * A value that a server sent, as JSON for people; `undefined` where it nests too deeply to be written at all. Indented
 * only where it is small and shallow: every line is indented by its depth, so that a few hundred kilobytes of a hostile
 * server would become gigabytes.
 */
export function structuredText(value: unknown): string | undefined {
  if (nestsDeeperThan(value, MAX_DEPTH)) return undefined;
  const compact = JSON.stringify(value);
  const isSmall = compact.length <= MAX_INDENTED_CHARACTERS && !nestsDeeperThan(value, MAX_INDENTED_DEPTH);
  return isSmall ? JSON.stringify(value, undefined, 2) : compact;
}

function nestsDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => nestsDeeperThan(member, levels - 1));
}
