import type { JSONWebKeySet } from 'jose';
import { introspect } from '../mcp-server/introspection.js';
import type { TokenIssuer } from '../mcp-server/verified-token.js';
import type { Fault } from '../http/faults.js';
import { listenOnLoopback, type LoopbackHost } from '../http/loopback-listener.js';
import type { StrictBehaviour } from './behaviour.js';
import type { ClientOptions, RegisteredClient } from './clients.js';
import type { RefreshRecord } from './grants.js';
import type { RequestCounts, RequestLogEntry, StrictEndpoint } from './request-log.js';
import { StrictServer, type StrictServerOptions } from './server.js';

export interface StrictAuthorizationServerOptions extends StrictServerOptions {
  /** Default: `127.0.0.1`. */
  readonly host?: LoopbackHost;
}

/** How one login fared. */
export interface FamilyReport {
  readonly id: string;
  readonly clientId: string;
  readonly subject: string;
  readonly scope: string;
  readonly resource: string | undefined;
  /** The thumbprint of the key that its tokens are bound to. */
  readonly jkt?: string | undefined;
  /** How many token sets were given out. */
  readonly generation: number;
  readonly revoked: 'reuse' | 'revocation' | undefined;
  /** The refreshes that were processed, also those whose reply was lost. */
  readonly refreshes: readonly RefreshRecord[];
  /** The most refresh requests of this family that were open at once, failing ones too. */
  readonly maxInFlight: number;
}

/** How many processed refreshes named the refresh token of one generation: with rotation, more than one is a race. */
export interface RefreshCount {
  readonly family: string;
  readonly generation: number;
  readonly refreshes: number;
}

export interface IssueGrantOptions {
  readonly subject?: string;
  readonly scope?: string;
  readonly resource?: string;
}

export interface IssuedGrant {
  readonly family: string;
  /** As the token endpoint would have sent it. */
  readonly tokenResponse: Readonly<Record<string, unknown>>;
}

/** Strict about everything that OAuth 2.1 lets a server be strict about, and scriptable. */
export interface StrictAuthorizationServer extends TokenIssuer {
  readonly origin: string;
  readonly introspectionEndpoint: string;
  readonly seed: number;
  /** Takes effect with the next request. */
  readonly behaviour: StrictBehaviour;
  /** The next requests to the endpoint meet these, one each, in this order. */
  fail(endpoint: StrictEndpoint, ...faults: readonly Fault[]): void;
  failAlways(endpoint: StrictEndpoint, fault: Fault): void;
  /** Forgets every fault that is still planned. */
  heal(endpoint?: StrictEndpoint): void;
  log(): readonly RequestLogEntry[];
  /** Every request of clients and browsers to the letter, with its secrets; `keepsReceived` has to be asked for. */
  received(): readonly string[];
  counts(): RequestCounts;
  /** Begins `log` and `counts` anew; families stay. */
  clearLog(): void;
  families(): readonly FamilyReport[];
  refreshesPerExpiry(): readonly RefreshCount[];
  /** A client that was registered beforehand. */
  addClient(options: ClientOptions): RegisteredClient;
  forgetClient(clientId: string): void;
  /** A grant without a login, for tests that begin after it. */
  issueGrant(clientId: string, options?: IssueGrantOptions): IssuedGrant;
  /** As an identity provider: says who somebody is, to one of its clients. */
  issueIdToken(clientId: string, options?: { subject?: string; ttlSeconds?: number }): Promise<string>;
  /** What its assertions and ID tokens are verified with. */
  jwks(): Promise<JSONWebKeySet>;
  /** Ends every access token that is out, as if its time were over. */
  expireAccessTokens(): void;
  revokeFamily(id: string): void;
  /** Every token and code that was ever given out, for leak scans. */
  secrets(): readonly string[];
  close(): Promise<void>;
}

/** Starts one on a free loopback port. */
export async function startStrictAuthorizationServer(
  options: StrictAuthorizationServerOptions = {},
): Promise<StrictAuthorizationServer> {
  const { host, ...rest } = options;
  const listener = await listenOnLoopback(host);
  const server = new StrictServer(listener.origin, rest);
  listener.serve((request, response) => server.handle(request, response));
  return strictAuthorizationServer(server, listener.origin, () => listener.close());
}

/** The handle on a strict server, whoever serves it. */
export function strictAuthorizationServer(
  server: StrictServer,
  origin: string,
  stopListening: () => Promise<void>,
): StrictAuthorizationServer {
  const { grants, log, faults, clients, tokens, issuer } = server;
  const introspectionEndpoint = `${issuer}/introspect`;
  return {
    issuer,
    origin,
    introspectionEndpoint,
    seed: server.seed,
    behaviour: server.behaviour,
    verify: (token) => introspect(token, { endpoint: introspectionEndpoint }),
    fail: (endpoint, ...next) => {
      faults.queue(endpoint, ...next);
    },
    failAlways: (endpoint, fault) => {
      faults.always(endpoint, fault);
    },
    heal: (endpoint) => {
      faults.heal(endpoint);
    },
    log: () => log.entries(),
    received: () => {
      if (!server.received) throw new Error('Start this server with keepsReceived.');
      return server.received.texts();
    },
    counts: () => log.counts(),
    clearLog: () => {
      log.clear();
    },
    families: () => grants.families().map(({ inFlight: _, ...family }) => structuredClone(family)),
    refreshesPerExpiry: () => refreshesPerExpiry(server),
    addClient: (client) => clients.add(client),
    forgetClient: (clientId) => {
      clients.forget(clientId);
    },
    issueGrant: (clientId, about = {}) => {
      const client = clients.find(clientId);
      if (client === undefined)
        throw new Error(`No client ${clientId} is registered. Call addClient() first.`);
      const { family, pair } = tokens.issue(client, {
        subject: about.subject ?? 'alice',
        scope: about.scope ?? server.behaviour.defaultScope,
        resource: about.resource,
      });
      return { family: family.id, tokenResponse: tokens.responseBody(pair, 'authorization_code') };
    },
    issueIdToken: (clientId, { subject = 'alice', ttlSeconds = 300 } = {}) =>
      server.assertions.idToken(clientId, subject, ttlSeconds),
    jwks: () => server.assertions.jwks(),
    expireAccessTokens: () => {
      grants.expireAccessTokens();
    },
    revokeFamily: (id) => {
      const family = grants.families().find((candidate) => candidate.id === id);
      if (family === undefined) throw new Error(`There is no ${id}.`);
      grants.revoke(family, 'revocation');
    },
    secrets: () => [
      ...grants.secrets(),
      ...server.authorization.secrets(),
      ...server.devices.secrets(),
      ...clients.secrets(),
    ],
    close: () => {
      server.close();
      return stopListening();
    },
  };
}

function refreshesPerExpiry(server: StrictServer): readonly RefreshCount[] {
  return server.grants.families().flatMap((family) => {
    const counts = new Map<number, number>();
    for (const { generation } of family.refreshes) counts.set(generation, (counts.get(generation) ?? 0) + 1);
    return [...counts].map(([generation, refreshes]) => ({ family: family.id, generation, refreshes }));
  });
}
