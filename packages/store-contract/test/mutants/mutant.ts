import type { TokenStore } from '@mcp-oauth/core';

/** A store with one thing wrong. */
export interface Mutant {
  /** What it does, after "a store that …". */
  readonly does: string;
  /** The cases that must fail on it. */
  readonly caughtBy: readonly string[];
  readonly Store: new () => TokenStore;
}
