import { StoreError } from '@mcp-oauth/core';
import type { StoreErrorKind } from '@mcp-oauth/core';

/** The primary result codes that either driver may name, better-sqlite3 by name and node:sqlite by number. */
const names: Readonly<Record<number, string>> = {
  1: 'SQLITE_ERROR',
  3: 'SQLITE_PERM',
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  8: 'SQLITE_READONLY',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  15: 'SQLITE_PROTOCOL',
  23: 'SQLITE_AUTH',
  26: 'SQLITE_NOTADB',
};

const kinds: readonly (readonly [prefix: string, kind: StoreErrorKind, advice: string])[] = [
  ['SQLITE_FULL', 'full', 'there is no space left. Free some'],
  ['SQLITE_READONLY', 'read_only', 'it can be read only. Mount its place writable, or choose another one'],
  [
    'SQLITE_PERM',
    'permission',
    'this user may not do that. Change the owner or the mode of the file, or choose another one',
  ],
  ['SQLITE_AUTH', 'permission', 'this connection may not do that'],
  [
    'SQLITE_CANTOPEN',
    'unavailable',
    'the file or one beside it can not be opened. See that its directory is there and writable',
  ],
  [
    'SQLITE_CORRUPT',
    'corrupt',
    'the file is damaged. Nothing was changed. To log in anew, move it and the files beside it away',
  ],
  [
    'SQLITE_NOTADB',
    'corrupt',
    'the file is no database. Nothing was changed. Choose another path, or move it away',
  ],
  [
    'SQLITE_ERROR',
    'misconfigured',
    'somebody else uses its connection or has changed its tables. Give it a connection and a database of its own',
  ],
  ['SQLITE_BUSY', 'busy', 'another process held its lock for too long. Try again'],
  ['SQLITE_LOCKED', 'busy', 'another connection held its lock for too long. Try again'],
  ['SQLITE_PROTOCOL', 'busy', 'another process held its lock for too long. Try again'],
];

/** The result code as SQLite calls it, with its extension where the driver tells that; `undefined` for other errors. */
export function sqliteCode(error: unknown): string | undefined {
  // Not instanceof: which class it is depends on the driver, and on the realm.
  if (typeof error !== 'object' || error === null) return undefined;
  if ('errcode' in error && typeof error.errcode === 'number')
    return names[error.errcode & 0xff] ?? `SQLITE_${String(error.errcode)}`;
  if ('code' in error && typeof error.code === 'string' && error.code.startsWith('SQLITE_'))
    return error.code;
  return undefined;
}

/** Somebody is in the way for a moment, which SQLite told without an error. */
export class HeldUpError extends Error {
  readonly code = 'SQLITE_BUSY';
}

export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error) ?? '';
  return ['SQLITE_BUSY', 'SQLITE_LOCKED', 'SQLITE_PROTOCOL'].some((busy) => code.startsWith(busy));
}

/** What the caller gets for an error from below: a `StoreError` for SQLite's, others as they are. */
export function asStoreError(error: unknown, place: string): unknown {
  if (isClosedConnection(error)) return closed(place, error);
  const code = sqliteCode(error);
  if (code === undefined) return error;
  const [, kind, advice] = kinds.find(([prefix]) => code.startsWith(prefix)) ?? [
    '',
    'unavailable' as const,
    'try again, and look at the health of the disk if it stays',
  ];
  const kept = kind === 'corrupt' ? '' : ' No stored record was lost.';
  return new StoreError(kind, `The token store failed in ${place} (${code}): ${advice}.${kept}`, {
    cause: error,
  });
}

export function closed(place: string, cause?: unknown): StoreError {
  return new StoreError('unavailable', `The token store in ${place} was closed.`, { cause });
}

/** The drivers' own words: the first of better-sqlite3, the others of node:sqlite. */
const closedConnection = [
  'The database connection is not open',
  'database is not open',
  'statement has been finalized',
];

function isClosedConnection(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('message' in error)) return false;
  return closedConnection.includes(String(error.message));
}
