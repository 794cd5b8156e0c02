import { fileURLToPath } from 'node:url';
import { startProxy, startRedis, startRedisCluster, startRedisSentinel } from '@mcp-oauth/e2e/redis';
import type { Proxy, ProxyTarget, RedisServer } from '@mcp-oauth/e2e/redis';
import type { SharedHarness } from '@mcp-oauth/store-contract';
import { RedisTokenStore } from '@mcp-oauth/storage-redis';
import { Cluster, Redis } from 'ioredis';

/** A deployment of Redis whose every connection goes through a proxy, in all processes. */
export interface Deployment {
  readonly harness: SharedHarness;
  close(): Promise<void>;
}

/** What a client is made of. The worker gets it as JSON. */
interface Address {
  /** Of a cluster. */
  readonly nodes?: ProxyTarget[];
  readonly options: object;
}

interface Parts {
  readonly proxies: readonly Proxy[];
  readonly address: Address;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export type DeploymentName = 'one server' | 'a cluster of three' | 'a master and its replica with a sentinel';

/** So that a restart loses nothing that was answered. */
const durable = { appendonly: true };

export async function deploy(name: DeploymentName): Promise<Deployment> {
  const { proxies, address, restart, stop } = await parts[name]();
  return {
    harness: {
      scope: 'shared',
      open: () => Promise.resolve(new OwningStore(clientOf(address))),
      worker: {
        module: fileURLToPath(new URL('../store-worker.mjs', import.meta.url)),
        args: [JSON.stringify(address)],
      },
      fail: async (on) => {
        await Promise.all(proxies.map((proxy) => (on ? proxy.down() : proxy.up())));
      },
      restart,
    },
    close: async () => {
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await stop();
    },
  };
}

function clientOf({ nodes, options }: Address): Redis | Cluster {
  const client = nodes ? new Cluster(nodes, options) : new Redis(options);
  client.on('error', () => undefined);
  return client;
}

/** Whoever runs the contract closes stores, and knows of no clients. */
class OwningStore extends RedisTokenStore {
  readonly #client: Redis | Cluster;

  constructor(client: Redis | Cluster) {
    super({ client });
    this.#client = client;
  }

  override async close(): Promise<void> {
    await super.close();
    if (this.#client.status !== 'end') this.#client.disconnect();
  }
}

const parts: Readonly<Record<DeploymentName, () => Promise<Parts>>> = {
  'one server': async () => {
    const server = await startRedis(durable);
    const proxy = await startProxy(server);
    return {
      proxies: [proxy],
      address: { options: addressOf(proxy) },
      restart: () => server.restart(),
      stop: () => server.close(),
    };
  },
  'a cluster of three': async () => {
    const cluster = await startRedisCluster(durable);
    const { proxies, natMap } = await proxied(cluster.nodes);
    return {
      proxies,
      address: { nodes: proxies.map(addressOf), options: { natMap } },
      restart: async () => {
        await Promise.all(cluster.nodes.map((node) => node.restart()));
        await cluster.ready();
      },
      stop: () => cluster.close(),
    };
  },
  'a master and its replica with a sentinel': async () => {
    const set = await startRedisSentinel(durable);
    const { proxies, natMap } = await proxied([set.master, set.replica]);
    return {
      proxies,
      address: { options: { sentinels: [addressOf(set.sentinel)], name: set.name, natMap } },
      restart: () => set.master.restart(),
      stop: () => set.close(),
    };
  },
};

async function proxied(servers: readonly RedisServer[]) {
  const proxies: Proxy[] = [];
  const natMap: Record<string, ProxyTarget> = {};
  for (const server of servers) {
    const proxy = await startProxy(server);
    proxies.push(proxy);
    natMap[`${server.host}:${String(server.port)}`] = addressOf(proxy);
  }
  return { proxies, natMap };
}

function addressOf({ host, port }: ProxyTarget): ProxyTarget {
  return { host, port };
}
