import { closeAll, until, withConnection } from './fleet.js';
import { RedisServer } from './redis-server.js';
import type { RedisOptions } from './redis-server.js';

const masterName = 'mymaster';

/** How long a master or a sentinel may stand still, as on a busy machine, without anything coming of it. */
const PATIENCE_MS = 60_000;

/** A master, its replica, and one sentinel that promotes the replica when it is told that the master is gone. */
export interface RedisSentinel {
  readonly master: RedisServer;
  readonly replica: RedisServer;
  readonly sentinel: RedisServer;
  /** What the sentinel calls the master. */
  readonly name: string;
  /** Resolves when the replica has all that the master has, and the sentinel knows both. */
  ready(): Promise<void>;
  /** Has the sentinel promote the replica of a master that was killed. Resolves before it has. */
  promote(): Promise<void>;
  close(): Promise<void>;
}

export async function startRedisSentinel(options: RedisOptions = {}): Promise<RedisSentinel> {
  const servers: RedisServer[] = [];
  const start = async (directives: readonly string[], sentinel: boolean) => {
    const own = sentinel ? {} : options;
    const all = [...directives, ...(own.directives ?? [])];
    const server = await RedisServer.start({ ...own, directives: all, sentinel });
    servers.push(server);
    return server;
  };
  const close = () => closeAll(servers);
  try {
    const master = await start(['repl-diskless-sync-delay 0'], false);
    const address = `${master.host} ${String(master.port)}`;
    const replica = await start([`replicaof ${address}`, 'repl-diskless-sync-delay 0'], false);
    await linked(replica);
    const sentinel = await start(
      [
        `sentinel monitor ${masterName} ${address} 1`,
        `sentinel down-after-milliseconds ${masterName} ${String(PATIENCE_MS)}`,
        `sentinel failover-timeout ${masterName} 3000`,
      ],
      true,
    );
    const ready = async () => {
      await linked(replica);
      await knows(sentinel, replica);
    };
    const command = (...words: readonly [string, ...string[]]) =>
      withConnection(sentinel, (connection) => connection.call('SENTINEL', ...words));
    // A sentinel that has stood still itself would promote nothing for 30 s.
    await command('DEBUG', 'tilt-trigger', String(PATIENCE_MS));
    const promote = async () => {
      await command('SET', masterName, 'down-after-milliseconds', '1000');
    };
    await ready();
    return { master, replica, sentinel, name: masterName, ready, promote, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function linked(replica: RedisServer): Promise<void> {
  return withConnection(replica, (connection) =>
    until('The replica', async () =>
      (await connection.info('replication')).includes('master_link_status:up'),
    ),
  );
}

function knows(sentinel: RedisServer, replica: RedisServer): Promise<void> {
  return withConnection(sentinel, (connection) =>
    until('The sentinel', async () => {
      const replicas = (await connection.call('SENTINEL', 'REPLICAS', masterName)) as readonly unknown[];
      return JSON.stringify(replicas).includes(String(replica.port));
    }),
  );
}
