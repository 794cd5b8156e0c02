import { rowSets } from '../src/rows.js';

/** What `list --client` prints of a suite that has the scenarios of the rows, and these. */
export function clientList(more: readonly string[] = []): string {
  const revisions = new Map<string, string[]>();
  for (const { title, wire, scenarios } of rowSets) {
    for (const scenario of scenarios) {
      const known = revisions.get(scenario) ?? [];
      revisions.set(scenario, [...known, title.startsWith('Extensions') ? 'extension' : wire]);
    }
  }
  const lines = [...revisions].map(([scenario, of]) => `${scenario} [${of.join(',')}]`);
  const all = ['initialize [2025-06-18,2025-11-25]', ...lines, ...more];
  return `Client scenarios (test against a client):\n${all.map((line) => `  - ${line}\n`).join('')}`;
}

/** What `list --requirements 2026-07-28` prints then. */
export function requirements(more: readonly string[] = []): string {
  const [scored, , , extensions] = rowSets;
  const lines = ['tools_call', ...(scored?.scenarios ?? []), ...more].map((name) => `  - ${name}\n`);
  const unscored = (extensions?.scenarios ?? []).map((name) => `    - ${name} [client]\n`);
  return `Required for 2026-07-28 (69 scenarios, frozen; run at the 2026-07-28 wire):

Server scenarios (test against a server):
  - caching

Client scenarios (test against a client):
${lines.join('')}
Run and reported, but never scored:
  extension (16):
${unscored.join('')}    - tasks-lifecycle [server]
`;
}
