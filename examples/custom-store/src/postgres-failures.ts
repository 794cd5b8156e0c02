import { StoreError } from '@mcp-oauth/core';
import type { StoreErrorKind } from '@mcp-oauth/core';

interface Failure {
  readonly kind: StoreErrorKind;
  readonly advice: string;
  /** It may be over soon, and nothing was changed unless by this very write: it is sent again while there is time. */
  readonly passing?: boolean;
}

const connectionLost: Failure = {
  kind: 'unavailable',
  advice: 'the connection failed. Look at the server and the network, and at the address of the pool',
  passing: true,
};
const inTheWay: Failure = {
  kind: 'busy',
  advice: 'another transaction is in the way. Try again',
  passing: true,
};
const refused: Failure = {
  kind: 'permission',
  advice: 'it does not let this user in. Correct the name or the password',
};
const otherTable: Failure = {
  kind: 'schema',
  advice: "the store's table is missing or another one. Run the migration",
};

/** By SQLSTATE, or by its class. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const failures: Readonly<Record<string, Failure>> = {
  '08': connectionLost,
  '28': refused,
  '40': inTheWay,
  '25006': { kind: 'read_only', advice: 'it takes no writes. Give the pool the address of the primary' },
  '3D000': { kind: 'misconfigured', advice: 'there is no such database. Correct the address of the pool' },
  '3F000': otherTable,
  '42P01': otherTable,
  '42703': otherTable,
  '42804': otherTable,
  '42501': { kind: 'permission', advice: "this user may not use the store's table. Grant it the rights" },
  '53100': { kind: 'full', advice: 'its disk is full. Free some space' },
  '53300': {
    kind: 'unavailable',
    advice: 'it has no connection left. Lower the max of the pools',
    passing: true,
  },
  '55P03': inTheWay,
  '57014': {
    kind: 'busy',
    advice: 'a statement took longer than its statement_timeout. Look at locks and load',
  },
  '57P': connectionLost,
  XX: { kind: 'corrupt', advice: 'it has trouble with its own data. Nothing was changed. Look at its log' },
};

/** There was no answer within the store's own deadline. */
export class DeadlineError extends Error {}

/** What the driver rejected with, as an error of the port. None of its words: they quote rows, which hold tokens. */
export function failureOf(error: unknown): { readonly passing: boolean; readonly storeError: StoreError } {
  const { code, severity } = error as { readonly code?: unknown; readonly severity?: unknown };
  const isAnswer = typeof code === 'string' && severity !== undefined;
  const { kind, advice, passing = false } = isAnswer ? answered(code) : unanswered(error);
  const name = typeof code === 'string' ? ` (${code})` : '';
  return {
    passing,
    storeError: new StoreError(kind, `The token store failed in PostgreSQL${name}: ${advice}.`),
  };
}

function answered(code: string): Failure {
  const found = failures[code] ?? failures[code.slice(0, 3)] ?? failures[code.slice(0, 2)];
  return found ?? { kind: 'unavailable', advice: 'it refused the statement. Look at its log' };
}

function unanswered(error: unknown): Failure {
  if (!(error instanceof DeadlineError)) return connectionLost;
  return { kind: 'unavailable', advice: 'there was no answer in time. Look at the network and the load' };
}
