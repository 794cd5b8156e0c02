/** The authorization scenarios for clients that the suite has, by what they are scored for. */
export interface ListedScenarios {
  /** By the name of a revision, or `extension`. */
  readonly applicable: ReadonlyMap<string, ReadonlySet<string>>;
  readonly scored: ReadonlySet<string>;
  readonly extensions: ReadonlySet<string>;
}

/** Reads what `list --client` and `list --requirements` print. */
export function listedScenarios(clientList: string, requirements: string): ListedScenarios {
  const applicable = new Map<string, Set<string>>();
  for (const [, scenario = '', revisions = ''] of clientList.matchAll(/^ +- (auth\/\S+) \[(.*)\]$/gm)) {
    for (const revision of revisions.split(',')) {
      applicable.set(revision, (applicable.get(revision) ?? new Set()).add(scenario));
    }
  }
  const [, scoredPart = ''] = /^Client scenarios.*?:\n((?: +- .*\n)*)/m.exec(requirements) ?? [];
  const scored = [...scoredPart.matchAll(/^ +- (auth\/\S+)$/gm)].map(([, scenario = '']) => scenario);
  const extensions = [...requirements.matchAll(/^ +- (auth\/\S+) \[client\]$/gm)].map(
    ([, name = '']) => name,
  );
  return { applicable, scored: new Set(scored), extensions: new Set(extensions) };
}

/** What is in one of both and not in the other, as sentences. */
export function differences(
  what: string,
  ours: readonly string[],
  theirs: ReadonlySet<string> | undefined,
): readonly string[] {
  const known = new Set(ours);
  return [
    ...[...(theirs ?? [])]
      .filter((scenario) => !known.has(scenario))
      .map((scenario) => `The suite has ${scenario} among ${what}, and the gate does not run it.`),
    ...ours
      .filter((scenario) => !theirs?.has(scenario))
      .map((scenario) => `The gate runs ${scenario} as one of ${what}, and the suite has it there no more.`),
  ];
}
