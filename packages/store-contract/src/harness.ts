import type { TokenStore } from '@mcp-oauth/core';

/** A store that lives in one process alone, such as one in memory. */
export interface ProcessHarness {
  readonly scope: 'process';
  /** A store of its own. The case that opened it closes it. */
  open(): Promise<TokenStore>;
}

/** A store whose storage is used by several processes. Every hook is needed: what they test is what such a store is for. */
export interface SharedHarness {
  readonly scope: 'shared';
  /** An independent handle, always on the same storage. The case that opened it closes it. */
  open(): Promise<TokenStore>;
  /** Opens the same storage in a process of its own. */
  readonly worker: WorkerModule;
  /**
   * `true`: from now on no write reaches the storage, in no process. `false`: it does again. Called while operations
   * are in flight; an operation that is under way may have happened or not.
   */
  fail(on: boolean): Promise<void>;
  /**
   * Ends whatever serves the storage as hard as the store's promise of durability allows, and brings it back. Handles
   * that are open go on working. Where nothing serves it (files), there is nothing to do: the kit kills processes itself.
   */
  restart(): Promise<void>;
}

export type StoreHarness = ProcessHarness | SharedHarness;

export interface WorkerModule {
  /** An absolute path or a file URL of a module that Node can run and that calls `serveStoreWorker`. */
  readonly module: string | URL;
  /** Its arguments, handed to the function that it gives to `serveStoreWorker`. */
  readonly args?: readonly string[];
}

/** One promise of the contract, as a test for any runner. */
export interface ContractCase {
  /** What it is about, in few words: several cases in a row have the same, so that a report can be grouped by it. */
  readonly subject: string;
  /** A sentence about behaviour. */
  readonly name: string;
  /** How long it may take, in milliseconds: the timeout to give the runner. */
  readonly timeoutMs: number;
  /** Rejects with a `ContractViolation` where the promise is broken. */
  run(): Promise<void>;
}
