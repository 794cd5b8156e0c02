import { createHash } from 'node:crypto';
import { hostname, uptime } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { ProcessIdentity } from '@mcp-oauth/core';
import { parsePid, processExists } from './pid.js';

/** The clock may be set between two readings of the boot time. A reboot within it confuses nothing: all have ended. */
const bootToleranceSeconds = 60;

/** For systems that do not tell a process's start time: a pid that is in use may be another process's by now. */
export function portableProcess(): ProcessIdentity {
  const host = createHash('sha256').update(`${process.platform}\n${hostname()}`).digest('hex').slice(0, 16);
  const boot = bootSeconds();
  const self = `host:${host}:${String(boot)}:${String(process.pid)}:${String(Math.round(performance.timeOrigin))}`;

  return {
    self,
    isAlive(holder) {
      if (holder === self) return true;
      const [, holderHost, holderBoot, pidText] = /^host:([0-9a-f]{16}):(\d+):(\d+):\d+$/.exec(holder) ?? [];
      const pid = parsePid(pidText);
      const sameMachine = holderHost === host && Math.abs(Number(holderBoot) - boot) <= bootToleranceSeconds;
      if (pid === undefined || !sameMachine) return undefined;
      return processExists(pid) ? undefined : false;
    },
  };
}

function bootSeconds(): number {
  return Math.round(Date.now() / 1000 - uptime());
}
