import { setTimeout as sleep } from 'node:timers/promises';
import type { StoreErrorKind } from '@mcp-oauth/core';
import type { RedisServer } from '@mcp-oauth/e2e/redis';
import { Redis } from 'ioredis';

export interface RedisFault {
  readonly id: string;
  readonly name: string;
  /** What a refresh is refused with meanwhile. */
  readonly kind: StoreErrorKind;
  /** What such an error says to a client that doesn't wait until Redis is ready. */
  readonly says: RegExp;
  /** Whether records can be read meanwhile. */
  readonly readable: boolean;
  /** Resolves with what ends it. */
  begin(server: RedisServer): Promise<() => Promise<unknown>>;
}

/** Nothing listens there. */
export const NOWHERE = ['127.0.0.1', '1'] as const;
/** Together they take longer to load than a test looks at it, and shorter than a server may take to start. */
const LOADED_KEYS = 25_000;
const KEY_LOAD_DELAY_US = 300;

/** For `startRedis`: what it has answered is on its disk, and it takes its time to load that. */
export const faultyRedis = {
  appendonly: true,
  directives: [`key-load-delay ${String(KEY_LOAD_DELAY_US)}`],
};

export const redisFaults: readonly RedisFault[] = [
  {
    id: 'B37',
    name: 'is killed',
    kind: 'unavailable',
    says: /nothing listens there/,
    readable: false,
    begin: async (server) => {
      await server.kill();
      return () => server.restart();
    },
  },
  {
    id: 'B39',
    name: 'hangs',
    kind: 'unavailable',
    says: /no answer in time/,
    readable: false,
    begin: (server) => {
      server.stop();
      return Promise.resolve(() => {
        server.cont();
        return Promise.resolve();
      });
    },
  },
  {
    id: 'B46',
    name: 'loads its data',
    kind: 'unavailable',
    says: /LOADING|no answer in time/,
    readable: false,
    begin: async (server) => {
      const fill = `for key = 1, ${String(LOADED_KEYS)} do redis.call('SET', 'other-' .. key, '') end`;
      await admin(server, 'EVAL', fill, '0');
      const restarted = server.restart();
      // Whoever ends it hears of a failure.
      restarted.catch(() => undefined);
      while (!(await says(server, 'LOADING'))) await sleep(10);
      return async () => {
        await admin(server, 'CONFIG', 'SET', 'key-load-delay', '0');
        await restarted;
      };
    },
  },
  {
    id: 'B41',
    name: 'is a replica (READONLY)',
    kind: 'read_only',
    says: /READONLY/,
    readable: true,
    begin: async (server) => {
      await admin(server, 'REPLICAOF', ...NOWHERE);
      return () => admin(server, 'REPLICAOF', 'NO', 'ONE');
    },
  },
  {
    id: 'B41',
    name: 'is a replica without a master (MASTERDOWN)',
    kind: 'unavailable',
    says: /MASTERDOWN/,
    readable: false,
    begin: async (server) => {
      await admin(server, 'CONFIG', 'SET', 'replica-serve-stale-data', 'no');
      await admin(server, 'REPLICAOF', ...NOWHERE);
      return () => admin(server, 'REPLICAOF', 'NO', 'ONE');
    },
  },
  {
    id: 'B49',
    name: 'is out of memory (OOM)',
    kind: 'full',
    says: /OOM/,
    readable: true,
    begin: async (server) => {
      await admin(server, 'CONFIG', 'SET', 'maxmemory', '1');
      return () => admin(server, 'CONFIG', 'SET', 'maxmemory', '0');
    },
  },
  {
    id: 'B49',
    name: 'misses its replicas (NOREPLICAS)',
    kind: 'unavailable',
    says: /NOREPLICAS/,
    readable: true,
    begin: async (server) => {
      await admin(server, 'CONFIG', 'SET', 'min-replicas-to-write', '1');
      return () => admin(server, 'CONFIG', 'SET', 'min-replicas-to-write', '0');
    },
  },
];

/** One command over a connection of its own, also to a server that is not ready. */
export async function admin(server: RedisServer, name: string, ...args: readonly string[]): Promise<string> {
  const client = new Redis(server.port, server.host, { enableReadyCheck: false });
  client.on('error', () => undefined);
  try {
    return String(await client.call(name, ...args));
  } finally {
    client.disconnect();
  }
}

async function says(server: RedisServer, code: string): Promise<boolean> {
  try {
    await admin(server, 'GET', 'any');
    return false;
  } catch (error) {
    return String(error).includes(code);
  }
}
