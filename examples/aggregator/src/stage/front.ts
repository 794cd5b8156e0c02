import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { createProxyServer } from 'httpxy';

/** What stands behind the front. */
export interface Backend {
  readonly origin: string;
  readonly isRunning: boolean;
}

const HOST = '127.0.0.1';
/** More than a replica takes, so that it is the replica which refuses. */
const MAX_BODY_BYTES = 128 * 1024;
/** More than a replica takes for a page: a callback asks the authorization server, and may wait for it twice. */
export const PROXY_TIMEOUT_MS = 150_000;

/** Stands in for your load balancer: each page comes from the next replica, and a dead one is left out. */
export class Front {
  readonly url: URL;
  readonly #server: Server;
  readonly #proxy = createProxyServer({ proxyTimeout: PROXY_TIMEOUT_MS });
  #backends: readonly Backend[] = [];
  #turn = 0;

  private constructor(server: Server) {
    this.#server = server;
    this.url = new URL(`http://${HOST}:${String((server.address() as AddressInfo).port)}`);
    server.on('request', (request, response) => {
      this.#pass(request, response).catch((error: unknown) => {
        response.destroy();
        if (!hasCode(error, 'ECONNRESET')) throw error;
      });
    });
  }

  /** Listens before anything is behind it: the replicas want to know its address. */
  static async start(port: number): Promise<Front> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, HOST, resolve);
    });
    return new Front(server);
  }

  passTo(backends: readonly Backend[]): void {
    this.#backends = backends;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      this.#server.closeAllConnections();
    });
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (body === undefined) {
      answer(response, 413, 'That is too much.');
      return;
    }
    if (isForPage(request)) this.#turn += 1;
    for (let attempt = 0; attempt < this.#backends.length; attempt++) {
      const backend = this.#backends[(this.#turn + attempt) % this.#backends.length];
      if (!backend?.isRunning) continue;
      try {
        await this.#proxy.web(request, response, { target: backend.origin, buffer: Readable.from([body]) });
        return;
      } catch (error) {
        // Another one gets it only where nothing was sent: a callback or a tool call must not happen twice.
        if (!hasCode(error, 'ECONNREFUSED')) break;
      }
    }
    if (!response.headersSent) answer(response, 503, 'No replica answers. Try again in a moment.');
    else response.destroy();
  }
}

/** Stylesheets and icons, which browsers ask for or not, take no turn: the next page always comes from the other one. */
function isForPage({ headers }: IncomingMessage): boolean {
  return headers.accept?.includes('text/html') ?? false;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return bytes <= MAX_BODY_BYTES ? Buffer.concat(chunks) : undefined;
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${text}\n`);
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
