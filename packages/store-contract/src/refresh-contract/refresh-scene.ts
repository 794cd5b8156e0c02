import { randomBytes } from 'node:crypto';
import { OAuthClientError } from '@mcp-oauth/core';
import type { AnyOAuthClientError, OAuthSession, TokenStore } from '@mcp-oauth/core';
import type { UngroupedCase } from '../grouped-cases.js';
import type { SharedHarness, StoreHarness } from '../harness.js';
import { promise, sharedPromise, sleep } from '../scene.js';
import type { Scene, SharedScene } from '../scene.js';
import { ContractViolation, settled } from '../violation.js';
import type { ServerBehaviour } from './authorization-server/behaviour.js';
import { ContractServer } from './authorization-server/server.js';
import type { CallsInput } from './host/calls.js';
import { hostClient, hostSession, logIn } from './host/host-client.js';
import type { HostClient, HostSettings } from './host/host-client.js';
import { notingStore } from './noting-store.js';

/** How calls are made; what all processes of the host have in common is added. */
export type CallsPlan = Pick<CallsInput, 'owners'> & Partial<CallsInput>;

/** A server, people, and a host that keeps their credentials in the store under test. */
export interface RefreshScene {
  readonly scene: Scene;
  readonly server: ContractServer;
  /** The handle of this process. */
  readonly store: TokenStore;
  /** What the partitions of the people are called. */
  readonly partitions: ReadonlySet<string>;
  /** The session of a new client of this process, which knows nothing but what is stored. */
  readonly session: (owner: string) => OAuthSession;
  /** Logs somebody in through a new client, which then holds the token. */
  readonly login: (owner: string) => Promise<OAuthSession>;
  readonly calls: (plan: CallsPlan) => CallsInput;
}

export interface SharedRefreshScene extends RefreshScene {
  readonly scene: SharedScene;
}

export interface RefreshCaseOptions {
  readonly server: ServerBehaviour;
  readonly timing?: HostSettings['refresh'];
  readonly timeoutMs?: number;
}

/** A busy machine must not end a refresh, nor a lease, unless a case is about that. */
const TIMING = { timeoutMs: 5_000, leaseMs: 10_000 };
const CASE_MS = 60_000;
/** Longer than a token may take to be used after it was said to be good. */
const EXPIRED_MS = 50;

/** A case for every store. */
export function refreshPromise(
  name: string,
  options: RefreshCaseOptions,
  run: (scene: RefreshScene) => Promise<void>,
): (harness: StoreHarness) => UngroupedCase {
  return promise(name, (scene) => inRefreshScene(scene, options, run), options.timeoutMs ?? CASE_MS);
}

/** A case for stores that several processes share. */
export function sharedRefreshPromise(
  name: string,
  options: RefreshCaseOptions,
  run: (scene: SharedRefreshScene) => Promise<void>,
): (harness: SharedHarness) => UngroupedCase {
  return sharedPromise(
    name,
    (scene) => inRefreshScene(scene, options, (refreshScene) => run({ ...refreshScene, scene })),
    options.timeoutMs ?? CASE_MS,
  );
}

async function inRefreshScene(
  scene: Scene,
  { server: behaviour, timing = TIMING }: RefreshCaseOptions,
  run: (scene: RefreshScene) => Promise<void>,
): Promise<void> {
  const partitions = new Set<string>();
  const store = notingStore(await scene.open(), partitions);
  const server = await ContractServer.start(behaviour);
  const secret = randomBytes(32).toString('base64url');
  const settings: HostSettings = { resource: server.resource, secret, refresh: timing };
  const clients: HostClient[] = [];
  const client = (): HostClient => {
    const oauth = hostClient(store, settings);
    clients.push(oauth);
    return oauth;
  };
  const ran = run({
    scene,
    server,
    store,
    partitions,
    session: (owner) => hostSession(client(), settings, owner),
    login: (owner) => logIn(client(), settings, owner),
    calls: (plan) => ({ ...settings, callers: 1, atMostMs: CASE_MS / 2, ...plan }),
  });
  await settled(ran);
  const ended = (async () => {
    await Promise.all(clients.map((oauth) => oauth.close()));
    await server.close();
    for (const partition of partitions) await store.purge(partition);
  })();
  await settled(ended);
  try {
    // What went wrong first is what the case is about.
    await ran;
    await ended;
  } catch (error) {
    if (!(error instanceof OAuthClientError)) throw error;
    const { code, message } = error as AnyOAuthClientError;
    throw new ContractViolation(`The client failed over this store: ${message} (${code})`, { cause: error });
  }
}

/** Waits until the token that is stored has expired, as a server's behaviour may let it do soon. */
export async function expiry(session: OAuthSession): Promise<void> {
  const { expiresAt } = await session.status();
  await sleep(Math.max(0, (expiresAt?.getTime() ?? 0) - Date.now()) + EXPIRED_MS);
}
