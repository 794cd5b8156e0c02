import { closeAll, startAll, until, withConnection } from './fleet.js';
import { RedisServer } from './redis-server.js';
import type { RedisOptions } from './redis-server.js';

const nodeCount = 3;
const slotCount = 16_384;

export interface RedisClusterOptions extends RedisOptions {
  /**
   * How long a node may be silent before the others take no commands. Milliseconds. Default: 15 000, since a busy
   * machine may keep a node silent for some.
   */
  readonly nodeTimeoutMs?: number;
}

/** Three masters without replicas, each with a third of the slots. */
export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
  /** Resolves when every node takes commands. Needed after a node was killed and started again. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export async function startRedisCluster({
  nodeTimeoutMs = 15_000,
  ...options
}: RedisClusterOptions = {}): Promise<RedisCluster> {
  const directives = [
    'cluster-enabled yes',
    'cluster-config-file nodes.conf',
    `cluster-node-timeout ${String(nodeTimeoutMs)}`,
    ...(options.directives ?? []),
  ];
  const nodes = await startAll(nodeCount, () => RedisServer.start({ ...options, directives }));
  const ready = () => takesCommands(nodes);
  const close = () => closeAll(nodes);
  try {
    await join(nodes);
    await ready();
    return { nodes, ready, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function join(nodes: readonly RedisServer[]): Promise<void> {
  const share = Math.ceil(slotCount / nodes.length);
  for (const [index, node] of nodes.entries()) {
    await withConnection(node, async (connection) => {
      const last = Math.min((index + 1) * share, slotCount) - 1;
      await connection.call('CLUSTER', 'ADDSLOTSRANGE', index * share, last);
      await connection.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
      for (const other of nodes.slice(0, index))
        await connection.call('CLUSTER', 'MEET', other.host, other.port);
    });
  }
}

async function takesCommands(nodes: readonly RedisServer[]): Promise<void> {
  for (const node of nodes) {
    await withConnection(node, (connection) =>
      until(`The cluster node ${node.url}`, async () => {
        const info = String(await connection.call('CLUSTER', 'INFO'));
        const shards = (await connection.call('CLUSTER', 'SLOTS')) as readonly unknown[];
        return info.includes('cluster_state:ok') && shards.length === nodes.length;
      }),
    );
  }
}
