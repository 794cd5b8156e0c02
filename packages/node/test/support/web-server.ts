import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from '@jest/globals';

const started: { close(): void }[] = [];

afterEach(() => {
  for (const server of started.splice(0)) server.close();
});

/** A server, and what reached it. */
export interface WebServer {
  readonly origin: string;
  readonly port: number;
  /** How many connections were made to it, whether or not anything was sent. */
  connections(): number;
  /** How many of them are still open. */
  open(): Promise<number>;
  readonly requests: readonly { readonly url: string; readonly headers: IncomingMessage['headers'] }[];
}

/** Stops after the test. Listens on all addresses of this machine where `host` is `::`. */
export async function startWebServer(answer: RequestListener, host = '127.0.0.1'): Promise<WebServer> {
  let connections = 0;
  const requests: { url: string; headers: IncomingMessage['headers'] }[] = [];
  const server = createServer({ maxHeaderSize: 1_048_576 }, (request, response) => {
    requests.push({ url: request.url ?? '', headers: request.headers });
    answer(request, response);
  })
    .on('connection', () => connections++)
    .listen(0, host);
  await once(server, 'listening');
  started.push({
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    connections: () => connections,
    open: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    requests,
  };
}
