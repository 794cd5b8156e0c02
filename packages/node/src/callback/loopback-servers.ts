import { createServer, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errnoOf } from '../process/errno.js';

export interface LoopbackServers {
  readonly servers: readonly Server[];
  readonly port: number;
}

const options: ServerOptions = {
  // Room for the cookies of everything else that was ever served on localhost. The query has a bound of its own.
  maxHeaderSize: 64 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  // Checked with all else, so that it gets a page too.
  requireHostHeader: false,
};

const anyPortAttempts = 20;

/**
 * Listens on one port of every address that this machine has. `undefined` where one of them is taken: a browser that
 * is sent to `localhost` picks either, so the other one in somebody else's hands would get the code.
 */
export async function listenOn(
  addresses: readonly string[],
  port: number,
): Promise<LoopbackServers | undefined> {
  const servers: Server[] = [];
  let bound = port;
  let complete = false;
  try {
    for (const address of addresses) {
      const server = createServer(options);
      const outcome = await listen(server, address, bound);
      if (outcome === 'taken') return undefined;
      if (outcome === 'absent') continue;
      servers.push(server);
      bound = outcome;
    }
    complete = servers.length > 0;
    return complete ? { servers, port: bound } : undefined;
  } finally {
    if (!complete) await Promise.all(servers.map(stop));
  }
}

/** Lets the system choose a port that is free on all of the addresses. */
export async function listenOnAnyPort(addresses: readonly string[]): Promise<LoopbackServers | undefined> {
  for (let attempt = 0; attempt < anyPortAttempts; attempt++) {
    const listening = await listenOn(addresses, 0);
    if (listening !== undefined) return listening;
  }
  return undefined;
}

function listen(server: Server, host: string, port: number): Promise<number | 'taken' | 'absent'> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      switch (errnoOf(error)) {
        case 'EADDRINUSE':
        case 'EACCES': // ports below 1024, and ranges that Windows keeps for itself
          resolve('taken');
          break;
        case 'EADDRNOTAVAIL':
        case 'EAFNOSUPPORT':
          resolve('absent');
          break;
        default:
          reject(error);
      }
    });
    server.listen({ host, port, exclusive: true }, () => {
      server.removeAllListeners('error');
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Frees the port and drops every connection, also the idle ones that a browser opens ahead of need. */
export function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
