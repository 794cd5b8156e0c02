/** A command that can't be done as it was typed. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
