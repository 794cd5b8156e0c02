import { MemoryTokenStore, OAuthClientError } from '@mcp-oauth/core';
import type {
  AnyOAuthClientError,
  OAuthClient,
  OAuthClientOptions,
  OAuthSession,
  TokenStore,
} from '@mcp-oauth/core';
import type { McpBehaviour } from '@mcp-oauth/e2e';
import { DesktopScene } from '../../desktop-scene.js';
import { v1Http } from './wires.js';
import type { ConnectedClient, Wire } from './wires.js';

/** A person who is logged in for `mcp:tools`, at a client of one SDK. */
export interface StepUpScene extends Pick<DesktopScene, 'server' | 'mcp' | 'browser'> {
  readonly store: TokenStore;
  readonly session: OAuthSession;
  readonly client: ConnectedClient;
  /** Another process of the same host, as far as memory goes. */
  replica(options?: Partial<OAuthClientOptions>): OAuthClient;
  /** The session of another one. */
  another(options?: Partial<OAuthClientOptions>): OAuthSession;
  connect(session: OAuthSession): Promise<ConnectedClient>;
  /** How often the person was asked since the scene began. */
  consents(): number;
}

export async function stepUpScene(
  body: (scene: StepUpScene) => Promise<void>,
  {
    wire = v1Http,
    mcp: behaviour = {},
    oauth: options,
  }: {
    readonly wire?: Wire;
    readonly mcp?: Partial<McpBehaviour>;
    readonly oauth?: Partial<OAuthClientOptions>;
  } = {},
): Promise<void> {
  const scene = await DesktopScene.start({ mcp: behaviour });
  const { server, mcp, browser } = scene;
  const store = new MemoryTokenStore();
  const replica = (more?: Partial<OAuthClientOptions>): OAuthClient =>
    scene.oauth({ store, ...options, ...more });
  const another = (more?: Partial<OAuthClientOptions>): OAuthSession =>
    replica(more).session({ resource: wire.resource(mcp) });
  const connect = async (session: OAuthSession): Promise<ConnectedClient> => {
    const client = await wire.connect(session, mcp);
    scene.closeLater(() => client.close());
    return client;
  };
  try {
    const session = another();
    await session.authorize();
    const client = await connect(session);
    const before = server.counts().authorize;
    const consents = (): number => server.counts().authorize - before;
    await body({ server, mcp, browser, store, session, client, replica, another, connect, consents });
  } finally {
    await scene.close();
  }
}

/** An MCP server that names another scope each time that it refuses a call. */
export function neverContent(): Pick<McpBehaviour, 'missingScope'> {
  let count = 0;
  return {
    missingScope: (operation) => (operation.startsWith('tools/call') ? `s${String(++count)}` : undefined),
  };
}

/** Tools that need a scope each. */
export function needing(scopes: Readonly<Record<string, string>>): Pick<McpBehaviour, 'missingScope'> {
  return {
    missingScope: (operation, granted) => {
      const scope = scopes[operation.replace('tools/call ', '')];
      return scope === undefined || granted.includes(scope) ? undefined : scope;
    },
  };
}

/** How a host reacts to a call that asks for a person. */
export type Reaction = (session: OAuthSession, error: AnyOAuthClientError) => Promise<void>;

export const reactions: Readonly<Record<string, Reaction>> = {
  'authorize()': (session) => session.authorize(),
  'authorize({ scope })': (session, error) =>
    session.authorize('scope' in error && error.scope !== undefined ? { scope: error.scope } : {}),
};

/** A host that does what it is told, ten times over. Resolves with the error that it gave up at, or `undefined`. */
export async function stubborn(
  call: () => Promise<unknown>,
  session: OAuthSession,
  react: Reaction,
): Promise<AnyOAuthClientError | undefined> {
  for (let tries = 0; tries < 10; tries++) {
    const error = await failure(call());
    if (error?.code !== 'authorization_required') return error;
    await react(session, error).catch((denied: unknown) => {
      if (!(denied instanceof OAuthClientError)) throw denied;
    });
  }
  throw new Error('The call still asks for a person after ten logins.');
}

/** The error that a call ends with, which must be one of this library's own. */
export async function failure(call: Promise<unknown>): Promise<AnyOAuthClientError | undefined> {
  return await call.then(
    () => undefined,
    (error: unknown) => {
      if (!(error instanceof OAuthClientError)) throw error;
      return error as AnyOAuthClientError;
    },
  );
}
