import type { Command } from './command.js';
import { claim, get, increment, take } from './store-commands.js';

/** By name. A command of another part of the kit is loaded when it is wanted. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  increment: () => Promise.resolve(increment),
  claim: () => Promise.resolve(claim),
  take: () => Promise.resolve(take),
  get: () => Promise.resolve(get),
  refresh: async () => (await import('../refresh-contract/worker-command.js')).refresh,
};
