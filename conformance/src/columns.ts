import { fileURLToPath } from 'node:url';
import { exceptions } from './exceptions.js';
import type { Exception } from './exceptions.js';
import { rowSets, scored } from './rows.js';
import type { RowSet } from './rows.js';

export type StoreKind = 'memory' | 'fs' | 'sqlite' | 'redis';

/** One way of using this library: an SDK, a seam, a store. */
export interface Column {
  readonly id: string;
  readonly title: string;
  readonly driver: string;
  readonly store: StoreKind;
  readonly sets: readonly RowSet[];
  readonly exceptions: readonly Exception[];
}

const drivers = [
  { driver: 'v1-session-fetch', title: 'v1 `session.fetch`' },
  { driver: 'v1-auth-provider', title: 'v1 `authProvider`' },
  { driver: 'v2-session-fetch', title: 'v2 `session.fetch`' },
  { driver: 'v2-auth-provider', title: 'v2 `authProvider`' },
];

const stores = [
  { store: 'fs', title: 'files' },
  { store: 'sqlite', title: 'SQLite' },
  { store: 'redis', title: 'Redis' },
] as const;

export const columns: readonly Column[] = [
  ...drivers.map(({ driver, title }) => ({
    id: driver,
    title,
    driver,
    store: 'memory' as const,
    sets: rowSets,
    exceptions: exceptions[driver] ?? [],
  })),
  ...stores.map(({ store, title }) => ({
    id: `v2-session-fetch-${store}`,
    title,
    driver: 'v2-session-fetch',
    store,
    sets: [scored],
    exceptions: [],
  })),
];

/** In the order of the table. */
export function setsOf(columns: readonly Column[]): readonly RowSet[] {
  return [...new Set(columns.flatMap(({ sets }) => sets))];
}

/** Why this scenario can't be filled here, where it can't. */
export function exceptionOf({ exceptions }: Column, scenario: string): Exception | undefined {
  return exceptions.find(({ scenarios }) => scenarios.includes(scenario));
}

/** The compiled program of a driver. */
export function driverPath(driver: string): string {
  return fileURLToPath(new URL(`drivers/${driver}.js`, import.meta.url));
}
