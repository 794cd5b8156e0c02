import type { TokenStore } from '@mcp-oauth/core';
import type { SharedHarness } from '@mcp-oauth/store-contract';
import { Server, ServedStore } from '../mutants/served-store.js';
import { fileHarness } from './file-harness.js';

// Plain JavaScript, since processes that run no TypeScript use it too.
const { mutantOf } = (await import(new URL('../mutants/shared-mutants.mjs', import.meta.url).href)) as {
  readonly mutantOf: (does: string, store: TokenStore, directory: string) => TokenStore;
};

/** A store in files with one thing wrong, here and in every worker process. */
export function mutantHarness(does: string): SharedHarness & { remove(): void } {
  const files = fileHarness();
  const [directory = ''] = files.worker.args ?? [];
  return {
    ...files,
    open: async () => mutantOf(does, await files.open(), directory),
    worker: { module: new URL('../mutants/shared-worker.mjs', import.meta.url), args: [directory, does] },
  };
}

/** A store on a server of this process. No other process reaches it: for the cases that start none. */
export function servedHarness(server = new Server(), Store = ServedStore): SharedHarness {
  return {
    scope: 'shared',
    open: () => Promise.resolve(new Store(server)),
    worker: { module: 'no process reaches this server' },
    fail: (on) => {
      if (on && !server.isCut) server.connection += 1;
      server.isCut = on;
      return Promise.resolve();
    },
    restart: () => {
      server.restart();
      return Promise.resolve();
    },
  };
}
