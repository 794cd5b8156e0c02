import { readFileSync, readlinkSync } from 'node:fs';
import type { ProcessIdentity } from '@mcp-oauth/core';
import { parsePid, processExists } from './pid.js';
import { isUnreadable, readProcStat } from './proc-stat.js';

/**
 * `undefined` without a `/proc` that is this process's own: other systems, and containers that see another one's.
 *
 * A holder of another boot is never called dead. Machine ids are cloned with disks and images, so nothing here can
 * prove that it was this machine, and a living holder called dead costs the grant.
 */
export function linuxProcess(): ProcessIdentity | undefined {
  const scope = readScope();
  const own = readProcStat('self');
  if (scope === undefined || own?.pid !== process.pid) return undefined;
  const self = `${scope}:${String(own.pid)}:${own.startTime}`;

  return {
    self,
    isAlive(holder) {
      const [, holderScope, pidText, startTime] = /^(.+):(\d+):(\d+)$/.exec(holder) ?? [];
      const pid = parsePid(pidText);
      return holderScope === scope && pid !== undefined ? lives(pid, startTime) : undefined;
    },
  };
}

function lives(pid: number, startTime: string | undefined): boolean | undefined {
  if (!processExists(pid)) return false;
  // A mount with hidepid shows nothing of other users' processes, so what can't be read may well live.
  const stat = readProcStat(pid);
  if (stat === undefined) return undefined;
  const ended = stat.state === 'Z' || stat.state === 'X' || stat.state === 'x';
  return !ended && stat.startTime === startTime;
}

/** Within one scope a pid and a start time name one process. Start times are counted per time namespace. */
function readScope(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    const pidNamespace = readlinkSync('/proc/self/ns/pid');
    return `linux:${boot}:${inode(pidNamespace)}:${inode(readTimeNamespace())}`;
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}

/** Kernels before 5.6 have no time namespaces. */
function readTimeNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/time');
  } catch (error) {
    if (isUnreadable(error)) return '';
    throw error;
  }
}

/** `pid:[4026531836]` is `4026531836`. */
function inode(namespace: string): string {
  return namespace.replace(/\D/g, '');
}
