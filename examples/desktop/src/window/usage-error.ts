/** A command line that means nothing, or names what can't be used. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
