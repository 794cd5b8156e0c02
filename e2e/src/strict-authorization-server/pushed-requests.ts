import { randomBytes } from 'node:crypto';
import { nowMs } from '../http/clock.js';
import { jsonReply, type ReceivedRequest, type Reply } from '../http/message.js';
import type { StrictBehaviour } from './behaviour.js';
import type { ClientRegistry } from './clients.js';
import { OAuthRefusal } from './refusal.js';
import type { RequestNote } from './request-log.js';

interface PushedRequest {
  readonly clientId: string;
  readonly parameters: URLSearchParams;
  readonly expiresAt: number;
}

/** Authorization requests that clients handed over (RFC 9126), each good once and for a short time. */
export class PushedRequests {
  readonly #requests = new Map<string, PushedRequest>();
  readonly #clients: ClientRegistry;
  readonly #behaviour: StrictBehaviour;

  constructor(clients: ClientRegistry, behaviour: StrictBehaviour) {
    this.#clients = clients;
    this.#behaviour = behaviour;
  }

  /** The pushed authorization request endpoint. */
  async push(request: ReceivedRequest, note: RequestNote): Promise<Reply> {
    const parameters = new URLSearchParams(request.body);
    const client = await this.#clients.authenticate(request, parameters, note);
    if (parameters.has('request_uri')) throw new OAuthRefusal('invalid_request');
    if (!client.redirectUris.includes(parameters.get('redirect_uri') ?? '')) {
      throw new OAuthRefusal('invalid_redirect_uri');
    }
    const uri = `urn:ietf:params:oauth:request_uri:${randomBytes(24).toString('base64url')}`;
    const seconds = this.#behaviour.pushedRequestTtl;
    const expiresAt = nowMs() + seconds * 1000;
    this.#requests.set(uri, { clientId: client.clientId, parameters, expiresAt });
    return jsonReply(201, { request_uri: uri, expires_in: seconds });
  }

  /** What the query of an authorization request stands for; `undefined` where it must not be heard. */
  resolve(query: URLSearchParams): URLSearchParams | undefined {
    const uri = query.get('request_uri');
    if (uri === null) return this.#behaviour.pushedRequests === 'required' ? undefined : query;
    const pushed = this.#requests.get(uri);
    this.#requests.delete(uri);
    const isTheirs = pushed?.clientId === query.get('client_id');
    return isTheirs && pushed.expiresAt > nowMs() ? pushed.parameters : undefined;
  }
}
