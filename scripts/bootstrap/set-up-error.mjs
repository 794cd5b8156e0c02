/** What a person has to put right before the set-up can go on. The message says how. */
export class SetUpError extends Error {
  /** @override */
  name = 'SetUpError';
}
