import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `localhost` listens on 127.0.0.1 and, where the machine has it, on ::1, so that no other rig can sit there. */
export type LoopbackHost = '127.0.0.1' | 'localhost';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface LoopbackListener {
  /** `http://127.0.0.1:49152`, without a slash at the end. */
  readonly origin: string;
  readonly port: number;
  /** From now on requests are answered. What they are answered with may depend on the origin. */
  serve(handler: RequestHandler): void;
  /**
   * Drops every connection and frees the port. May be called twice.
   * Rejects with the first thing that went wrong in the handler itself, so that a defect of the rig is seen.
   */
  close(): Promise<void>;
}

/** Node's words for "the other side hung up", which is what many tests do on purpose. */
const hungUp = new Set([
  'ECONNRESET',
  'EPIPE',
  'ABORT_ERR',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
]);

function isHangUp(error: unknown): boolean {
  // Not `instanceof Error`: under jest, Node's own errors are of another realm.
  return typeof error === 'object' && error !== null && 'code' in error && hungUp.has(String(error.code));
}

/** Listens with plain http on a free port of the loopback interface. */
export async function listenOnLoopback(host: LoopbackHost = '127.0.0.1'): Promise<LoopbackListener> {
  const servers = await bind(host);
  const defects: unknown[] = [];
  const port = portOf(servers[0]);
  return {
    origin: `http://${host}:${String(port)}`,
    port,
    serve: (handler) => {
      const handle = (request: IncomingMessage, response: ServerResponse) => {
        handler(request, response).catch((error: unknown) => {
          if (!isHangUp(error)) defects.push(error);
          response.destroy();
        });
      };
      for (const server of servers) server.on('request', handle);
    },
    close: async () => {
      await Promise.all(servers.map(closeAtOnce));
      if (defects.length > 0) throw defects[0];
    },
  };
}

async function bind(host: LoopbackHost): Promise<[Server, ...Server[]]> {
  for (let attempt = 1; ; attempt += 1) {
    const first = await listen('127.0.0.1', 0);
    if (host === '127.0.0.1') return [first];
    try {
      return [first, await listen('::1', portOf(first))];
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return [first];
      await closeAtOnce(first);
      if (code !== 'EADDRINUSE' || attempt === 10) throw error;
    }
  }
}

function listen(address: string, port: number): Promise<Server> {
  // Longer than a client keeps an idle connection, so that no request meets one which the server just closes.
  const server = createServer({ keepAliveTimeout: 60_000 });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function closeAtOnce(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // Only ever fails with "not running", which is what was asked for.
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
