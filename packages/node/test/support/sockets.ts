import { once } from 'node:events';
import { request } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A port that was free on both loopback addresses a moment ago. */
export async function freePort(): Promise<number> {
  for (;;) {
    const first = await occupy('127.0.0.1', 0);
    const port = portOf(first);
    const second = await occupy('::1', port).catch(() => undefined);
    await free(first);
    if (second === undefined) continue;
    await free(second);
    return port;
  }
}

/** Sits on a port, like another program. */
export async function occupy(host: string, port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy()).listen({ host, port });
  server.unref();
  await once(server, 'listening');
  return server;
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

export async function free(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

export async function connectTo(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host });
  await once(socket, 'connect');
  return socket;
}

/** Resolves when the other side, or a reset, has ended the connection. What arrives is dropped. */
export function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket
      .on('error', () => undefined)
      .once('close', () => {
        resolve();
      });
    socket.resume();
  });
}

export interface Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A browser's request: a connection of its own, and a whole answer or an error. */
export function get(url: string, options: { method?: string; host?: string } = {}): Promise<Response> {
  return new Promise((resolve, reject) => {
    const headers = options.host === undefined ? {} : { Host: options.host };
    const sent = request(url, { method: options.method ?? 'GET', headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode = 0, headers } = response;
        resolve({ status: statusCode, headers, body: Buffer.concat(chunks).toString() });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Sends bytes as they are and returns all that comes back until the other side ends it. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<string> {
  const socket = await connectTo(port);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}
