import { types } from 'node:util';

/** The `code` of an error of the system or of Node, such as `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  // Unlike `instanceof`, this also holds for errors from outside a `vm` context.
  if (!types.isNativeError(error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
