import { randomUUID } from 'node:crypto';
import type { ProcessIdentity } from '@mcp-oauth/core';
import { linuxProcess } from './linux-process.js';
import { portableProcess } from './portable-process.js';

/**
 * Tells processes of this machine apart, and whether another of them still lives.
 *
 * On Linux by the boot, the namespaces, the pid and the start time, so that a reused pid is noticed. Elsewhere by
 * the host, the pid and the time: there it can tell that a process has ended, never for certain that it lives.
 */
export class NodeProcessIdentity implements ProcessIdentity {
  readonly #process: ProcessIdentity =
    process.platform === 'linux' ? (linuxProcess() ?? unknownProcess()) : portableProcess();

  get self(): string {
    return this.#process.self;
  }

  isAlive(holder: string): boolean | undefined {
    return this.#process.isAlive(holder);
  }
}

/** A Linux without a `/proc` of its own may be any container, and a pid means nothing outside it. */
function unknownProcess(): ProcessIdentity {
  const self = `unknown:${randomUUID()}`;
  return { self, isAlive: (holder) => (holder === self ? true : undefined) };
}
