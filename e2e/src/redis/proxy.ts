import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
}

/** A TCP proxy in front of a server, whose connections can be cut. */
export class Proxy {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #lost: LostReply | undefined;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async start(target: ProxyTarget): Promise<Proxy> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
    const proxy = new Proxy(server, address.port);
    server.on('connection', (client) => proxy.#pass(client, connect(target.port, target.host)));
    return proxy;
  }

  get url(): string {
    return `redis://${this.host}:${String(this.port)}`;
  }

  /** Ends every connection. New ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Ends every connection, and refuses new ones. */
  async down(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.cut();
    await once(this.#server, 'close');
  }

  /** Takes connections again, on the same port. */
  async up(): Promise<void> {
    if (!this.#server.listening) await once(this.#server.listen(this.port, this.host), 'listening');
  }

  /**
   * The next time a client sends these bytes, what the server answers from then on doesn't reach it, and the connection
   * is cut at the first such byte: the command was carried out, and its reply is lost. Resolves then.
   */
  loseReplyTo(bytes: string): Promise<void> {
    return new Promise((resolve) => {
      this.#lost = { bytes: Buffer.from(bytes), resolve };
    });
  }

  close(): Promise<void> {
    return this.down();
  }

  #pass(client: Socket, server: Socket): void {
    let losing: LostReply | undefined;
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      // A connection that breaks is what the proxy is for.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (chunk: Buffer) => {
      if (this.#lost && chunk.includes(this.#lost.bytes)) {
        losing = this.#lost;
        this.#lost = undefined;
      }
      server.write(chunk);
    });
    server.on('data', (chunk: Buffer) => {
      if (!losing) {
        client.write(chunk);
        return;
      }
      client.destroy();
      losing.resolve();
    });
  }
}

interface LostReply {
  readonly bytes: Buffer;
  resolve(): void;
}
