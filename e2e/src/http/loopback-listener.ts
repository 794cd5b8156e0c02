import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `localhost` listens on 127.0.0.1 and, where the machine has it, on ::1, so that no other rig can sit there. */
export type LoopbackHost = '127.0.0.1' | 'localhost';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface LoopbackListener {
  /** `http://127.0.0.1:49152`, without a slash at the end. */
  readonly origin: string;
  readonly port: number;
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

export function isHangUp(error: unknown): boolean {
  // Not `instanceof Error`: under jest, Node's own errors are of another realm.
  return typeof error === 'object' && error !== null && 'code' in error && hungUp.has(String(error.code));
}

/** Serves plain http on a free port of the loopback interface. */
export async function listenOnLoopback(
  handler: RequestHandler,
  host: LoopbackHost = '127.0.0.1',
): Promise<LoopbackListener> {
  const defects: unknown[] = [];
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    handler(request, response).catch((error: unknown) => {
      if (!isHangUp(error)) defects.push(error);
      response.destroy();
    });
  };
  const servers = await bind(handle, host);
  const port = portOf(servers[0]);
  return {
    origin: `http://${host}:${String(port)}`,
    port,
    close: async () => {
      await Promise.all(servers.map(closeAtOnce));
      if (defects.length > 0) throw defects[0];
    },
  };
}

async function bind(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  host: LoopbackHost,
): Promise<[Server, ...Server[]]> {
  for (let attempt = 1; ; attempt += 1) {
    const first = await listen(handle, '127.0.0.1', 0);
    if (host === '127.0.0.1') return [first];
    try {
      return [first, await listen(handle, '::1', portOf(first))];
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return [first];
      await closeAtOnce(first);
      if (code !== 'EADDRINUSE' || attempt === 10) throw error;
    }
  }
}

function listen(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  address: string,
  port: number,
): Promise<Server> {
  // Longer than a client keeps an idle connection, so that no request meets one which the server just closes.
  const server = createServer({ keepAliveTimeout: 60_000 }, handle);
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
