import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AuthorizationCodes, personHeader } from './authorization-codes.js';
import type { ServerBehaviour } from './behaviour.js';
import { Families } from './families.js';
import type { Family } from './families.js';
import { clientId, resourceMetadataPath, serverMetadata } from './metadata.js';
import { TokenEndpoint } from './token-endpoint.js';

const MAX_BODY_BYTES = 64 * 1_024;

/**
 * An authorization server on the loopback interface, and beside it a protected resource that takes its tokens and
 * nothing else. It keeps count of what a client must not do.
 */
export class ContractServer {
  readonly tokens: TokenEndpoint;
  readonly #server: Server;
  readonly #origin: string;
  readonly #families: Families;
  readonly #codes: AuthorizationCodes;
  #defect: Error | undefined;

  private constructor(server: Server, behaviour: ServerBehaviour) {
    this.#server = server;
    this.#origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#families = new Families(behaviour);
    this.#codes = new AuthorizationCodes(this.#origin, clientId);
    this.tokens = new TokenEndpoint(this.#families, this.#codes, behaviour);
    server.on('request', (request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        if (!request.socket.destroyed) {
          this.#defect ??= new Error('The server of the contract failed.', { cause: error });
        }
        request.socket.destroy();
      });
    });
  }

  static async start(behaviour: ServerBehaviour): Promise<ContractServer> {
    // Longer than a client keeps an idle connection, so that no request meets one which the server just closes.
    const server = createServer({ keepAliveTimeout: 60_000 });
    // A case that hangs is given up, and its server must not keep the runner alive.
    server.unref().on('connection', (socket) => socket.unref());
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: '127.0.0.1', port: 0, backlog: 1_024 }, resolve);
    });
    return new ContractServer(server, behaviour);
  }

  /** The address of the protected resource. */
  get resource(): string {
    return `${this.#origin}/mcp`;
  }

  /** What came of the last login of a person. */
  family(person: string): Family {
    const family = this.#families.all.findLast((one) => one.person === person);
    if (!family) throw new Error(`${person} has not logged in.`);
    return family;
  }

  accepts(accessToken: string): boolean {
    return this.#families.accepts(accessToken) !== undefined;
  }

  /** Frees the port. Rejects with the first thing that went wrong in the server itself. */
  async close(): Promise<void> {
    this.tokens.gate.close();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      this.#server.closeAllConnections();
    });
    if (this.#defect) throw this.#defect;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.#origin);
    const form = new URLSearchParams(await read(request));
    switch (url.pathname) {
      case resourceMetadataPath:
        send(response, 200, { resource: this.resource, authorization_servers: [this.#origin] });
        break;
      case '/.well-known/oauth-authorization-server':
        send(response, 200, serverMetadata(this.#origin));
        break;
      case '/mcp':
        this.#guard(request, response);
        break;
      case '/authorize': {
        const back = this.#codes.consent(url.searchParams, String(request.headers[personHeader]));
        if (back) response.writeHead(302, { location: back.href }).end();
        else send(response, 400, { error: 'invalid_request' });
        break;
      }
      case '/token': {
        const answer = await this.tokens.answer(form, request.socket);
        if (answer === 'lost') request.socket.destroy();
        else send(response, answer.status, answer.body);
        break;
      }
      case '/revoke':
        this.#families.revoke(form.get('token') ?? '');
        send(response, 200, {});
        break;
      default:
        send(response, 404, {});
    }
  }

  /** RFC 6750 section 3, RFC 9728 section 5.1. */
  #guard(request: IncomingMessage, response: ServerResponse): void {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const family = token === undefined ? undefined : this.#families.accepts(token);
    if (family) {
      family.calls += 1;
      send(response, 200, {});
      return;
    }
    const challenge = `Bearer resource_metadata="${this.#origin}${resourceMetadataPath}"`;
    response.writeHead(401, { 'www-authenticate': challenge }).end();
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) {
    text += chunk as string;
    if (text.length > MAX_BODY_BYTES) throw new Error('A request of the client under test is too long.');
  }
  return text;
}
