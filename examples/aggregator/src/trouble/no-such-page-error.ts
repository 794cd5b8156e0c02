/** The address names a server or a tool that there is not. */
export class NoSuchPageError extends Error {
  override readonly name = 'NoSuchPageError';
}
