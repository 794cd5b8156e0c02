import { randomInt } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { newCloser, nowMs, wait } from '../http/clock.js';
import { FaultQueues, type Fault } from '../http/faults.js';
import {
  jsonReply,
  parseJsonObject,
  receive,
  textReply,
  type ReceivedRequest,
  type Reply,
} from '../http/message.js';
import { answerWithFault, dropReply, sendReply } from '../http/send.js';
import { Assertions } from './assertions.js';
import { ProofChecks } from '../dpop/proof-checks.js';
import { AuthorizationEndpoint } from './authorize.js';
import { defaultBehaviour, type StrictBehaviour } from './behaviour.js';
import { ClientRegistry } from './clients.js';
import { DeviceCodes } from './device-codes.js';
import { Grants } from './grants.js';
import { MachineGrants } from './machine-grants.js';
import { endpointAt, metadataDocument, type MetadataLocation } from './metadata.js';
import { PushedRequests } from './pushed-requests.js';
import { seededRandom } from './random.js';
import { Received } from './received.js';
import { OAuthRefusal } from './refusal.js';
import { RequestLog, type RequestNote, type StrictEndpoint } from './request-log.js';
import { TokenEndpoint } from './token.js';

export interface StrictServerOptions extends Partial<StrictBehaviour> {
  /** `''`, or the path of an issuer that is not alone on its host: `/tenant/a`. */
  readonly issuerPath?: string;
  /** Default: `['oauth']`. */
  readonly metadataLocations?: readonly MetadataLocation[];
  /** Keeps every request to the letter, to be read by `received`. Default: no. */
  readonly keepsReceived?: boolean;
  /** Decides which replies `lossRate` loses. Default: a random one, readable as `seed`. */
  readonly seed?: number;
}

/** The strict server without a socket of its own, so that an MCP server can be its own authorization server. */
export class StrictServer {
  readonly issuer: string;
  readonly received: Received | undefined;
  readonly seed: number;
  readonly behaviour: StrictBehaviour;
  readonly clients: ClientRegistry;
  readonly proofs = new ProofChecks();
  readonly grants = new Grants();
  readonly log = new RequestLog();
  readonly faults = new FaultQueues<StrictEndpoint, Fault>();
  readonly pushed: PushedRequests;
  readonly authorization: AuthorizationEndpoint;
  readonly devices: DeviceCodes;
  readonly assertions: Assertions;
  readonly machineGrants: MachineGrants;
  readonly tokens: TokenEndpoint;
  readonly #origin: string;
  readonly #issuerPath: string;
  readonly #locations: readonly MetadataLocation[];
  readonly #random: () => number;
  readonly #closing = newCloser();

  constructor(origin: string, options: StrictServerOptions = {}) {
    const {
      issuerPath = '',
      metadataLocations = ['oauth'],
      seed = randomInt(2 ** 32),
      keepsReceived = false,
      ...behaviour
    } = options;
    this.#origin = origin;
    this.#issuerPath = issuerPath;
    this.#locations = metadataLocations;
    this.seed = seed;
    this.received = keepsReceived ? new Received() : undefined;
    this.#random = seededRandom(seed);
    this.issuer = origin + issuerPath;
    this.behaviour = { ...defaultBehaviour, ...behaviour };
    this.clients = new ClientRegistry(this.issuer);
    this.assertions = new Assertions(this.issuer);
    this.machineGrants = new MachineGrants(this.assertions, this.behaviour);
    this.pushed = new PushedRequests(this.clients, this.behaviour);
    this.authorization = new AuthorizationEndpoint(this.issuer, this.clients, this.behaviour, this.pushed);
    this.devices = new DeviceCodes(this.issuer, this.clients, this.behaviour);
    this.tokens = new TokenEndpoint(this);
  }

  /** Whether a path is one of this server's endpoints. */
  serves(path: string): boolean {
    return endpointAt(path, this.#issuerPath, this.#locations) !== 'other';
  }

  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await receive(message, this.#origin);
    const endpoint = endpointAt(request.url.pathname, this.#issuerPath, this.#locations);
    // What MCP servers ask about tokens that they were shown is not what clients send here.
    if (endpoint !== 'introspect') this.received?.add(request);
    const note = this.log.add({
      endpoint,
      method: request.method,
      path: request.url.pathname,
      headerNames: Object.keys(request.headers),
      parameterNames: parameterNames(request),
    });
    const family = endpoint === 'token' ? this.tokens.familyOf(request, note) : undefined;
    if (family) {
      family.inFlight += 1;
      family.maxInFlight = Math.max(family.maxInFlight, family.inFlight);
    }
    try {
      await this.#serve(endpoint, request, response, note);
    } finally {
      note.endedAt = nowMs();
      if (family) family.inFlight -= 1;
    }
  }

  /** Ends what waits. */
  close(): void {
    this.#closing.abort();
  }

  async #serve(
    endpoint: StrictEndpoint,
    request: ReceivedRequest,
    response: ServerResponse,
    note: RequestNote,
  ): Promise<void> {
    const { signal } = this.#closing;
    const fault = this.#faultFor(endpoint, note);
    if (fault.kind !== 'pass') note.fault = fault.kind;
    if (fault.kind !== 'pass' && fault.kind !== 'process_then_drop' && fault.kind !== 'process_then_wait') {
      note.outcome = 'fault';
      if (fault.kind === 'respond') note.status = fault.status;
      return answerWithFault(response, fault, signal);
    }
    if (endpoint === 'token') {
      await wait(this.behaviour.tokenLatencyMs, signal);
      await this.behaviour.tokenGate();
    }
    const reply = await this.#answer(endpoint, request, note);
    note.status = reply.status;
    if (fault.kind === 'process_then_drop') return dropReply(response, reply, fault.at, signal);
    if (fault.kind === 'process_then_wait') await wait(fault.ms, signal);
    sendReply(response, reply);
  }

  #faultFor(endpoint: StrictEndpoint, note: RequestNote): Fault {
    const fault = this.faults.take(endpoint);
    const mayLose = fault.kind === 'pass' && endpoint === 'token' && note.grantType === 'refresh_token';
    return mayLose && this.#random() < this.behaviour.lossRate
      ? { kind: 'process_then_drop', at: 'before_headers' }
      : fault;
  }

  async #answer(endpoint: StrictEndpoint, request: ReceivedRequest, note: RequestNote): Promise<Reply> {
    try {
      const reply = await this.#dispatch(endpoint, request, note);
      note.outcome ??= 'ok';
      return reply;
    } catch (error) {
      if (!(error instanceof OAuthRefusal)) throw error;
      note.outcome = error.error;
      return error.reply();
    }
  }

  #dispatch(endpoint: StrictEndpoint, request: ReceivedRequest, note: RequestNote): Reply | Promise<Reply> {
    const posted = request.method === 'POST';
    if (endpoint === 'metadata') return jsonReply(200, metadataDocument(this.issuer, this.behaviour));
    if (endpoint === 'authorize') return this.authorization.answer(request, note);
    if (endpoint === 'other' || this.#isMissing(endpoint)) {
      note.outcome = 'not_found';
      return textReply(404, 'Not found');
    }
    if (endpoint === 'device') return this.devices.decide(request, note);
    if (!posted) throw new OAuthRefusal('invalid_request', 405, { allow: 'POST' });
    if (endpoint === 'register') return this.#register(request, note);
    if (endpoint === 'par') return this.pushed.push(request, note);
    if (endpoint === 'device_authorization') return this.devices.authorize(request, note);
    if (endpoint === 'token') return this.tokens.answer(request, note);
    if (endpoint === 'revoke') return this.tokens.revoke(request, note);
    return this.tokens.introspect(request, note, this.issuer);
  }

  #isMissing(endpoint: StrictEndpoint): boolean {
    const { registration, pushedRequests, deviceAuthorization } = this.behaviour;
    if (endpoint === 'register') return !registration;
    if (endpoint === 'par') return pushedRequests === 'none';
    return (endpoint === 'device' || endpoint === 'device_authorization') && !deviceAuthorization;
  }

  /** RFC 7591 section 3. */
  #register(request: ReceivedRequest, note: RequestNote): Reply {
    const metadata = parseJsonObject(request.body);
    if (metadata === null) throw new OAuthRefusal('invalid_client_metadata');
    note.clientMetadata = metadata;
    const client = this.clients.register(metadata);
    note.clientId = client.clientId;
    const response = {
      ...metadata,
      client_id: client.clientId,
      client_id_issued_at: Math.floor(nowMs() / 1000),
      redirect_uris: client.redirectUris,
      grant_types: client.grantTypes,
      token_endpoint_auth_method: client.authenticationMethod,
      ...(client.clientSecret === undefined
        ? {}
        : { client_secret: client.clientSecret, client_secret_expires_at: 0 }),
    };
    return jsonReply(201, this.behaviour.registrationResponse(response));
  }
}

function parameterNames(request: ReceivedRequest): readonly string[] {
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  return [...(isForm ? new URLSearchParams(request.body) : request.url.searchParams).keys()];
}
