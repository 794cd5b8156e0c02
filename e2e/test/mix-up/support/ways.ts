import type { Browser, OAuthClient, OAuthSession } from '@mcp-oauth/core';
import { person } from '@mcp-oauth/e2e';
import { CredentialsRenewedError, SessionOAuthProvider } from '@mcp-oauth/transport-factory';
import { isUnauthorized, providerHosts } from '../../step-up/support/provider-hosts.js';
import type { OneTransport, ProviderHost } from '../../step-up/support/provider-hosts.js';
import { v1Http, v2Http } from '../../step-up/support/wires.js';
import type { Wire } from '../../step-up/support/wires.js';
import { REDIRECT_URI } from './two-servers.js';
import type { TwoServers } from './two-servers.js';

/** How a person logs in and a host calls, cut where an attacker may come in between. */
export interface Way {
  readonly session: OAuthSession;
  /** Up to the address that the person's browser is sent to. */
  authorize(): Promise<void>;
  /** The person consents, and comes back. */
  consent(): Promise<void>;
  /** The host takes the response. */
  exchange(): Promise<void>;
  call(tool: string): Promise<void>;
}

export type WayOf = (servers: TwoServers) => Way;

class Pages implements Browser {
  last: URL | undefined;
  readonly #waiting: (() => void)[] = [];

  open(url: URL) {
    this.show(url);
    return Promise.resolve({ opened: true } as const);
  }

  show(url: URL): void {
    this.last = url;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

function web(wire: Wire): WayOf {
  return (servers) => {
    const oauth: OAuthClient = servers.host();
    const session = servers.session(oauth);
    let begun: Awaited<ReturnType<OAuthSession['beginAuthorization']>> | undefined;
    let callback: string | undefined;
    return {
      session,
      authorize: async () => {
        callback = undefined;
        begun = undefined;
        begun = await session.beginAuthorization({ redirectUri: REDIRECT_URI });
      },
      consent: async () => {
        if (begun) callback = await person.consent(begun.authorizationUrl);
      },
      exchange: async () => {
        if (callback === undefined) return;
        // Another replica of the host.
        await servers.host().completeAuthorization(callback, { binding: begun?.binding ?? '' });
      },
      call: (tool) => callOver(wire, servers, session, tool),
    };
  };
}

function desktop(wire: Wire): WayOf {
  return (servers) => {
    const pages = new Pages();
    const session = servers.session(servers.host(pages));
    let login: Promise<void> | undefined;
    let callback: string | undefined;
    return {
      session,
      authorize: async () => {
        pages.last = undefined;
        callback = undefined;
        const page = pages.next();
        login = session.authorize();
        login.catch(() => undefined);
        await Promise.race([page, login]);
      },
      consent: async () => {
        if (pages.last) callback = await person.consent(pages.last);
      },
      exchange: async () => {
        if (callback !== undefined) await fetch(callback);
        await login;
      },
      call: (tool) => callOver(wire, servers, session, tool),
    };
  };
}

function device(wire: Wire): WayOf {
  return (servers) => {
    const session = servers.session(servers.host());
    let login: Promise<void> | undefined;
    let page: URL | undefined;
    return {
      session,
      authorize: async () => {
        page = undefined;
        const shown = new Promise<void>((resolve) => {
          login = session.authorizeDevice({
            onUserCode: ({ verificationUriComplete }) => {
              page = verificationUriComplete;
              resolve();
            },
          });
        });
        login?.catch(() => undefined);
        await Promise.race([shown, login]);
      },
      consent: async () => {
        if (page) await person.approveDevice(page);
      },
      exchange: async () => {
        await login;
      },
      call: (tool) => callOver(wire, servers, session, tool),
    };
  };
}

/** `auth()` of the SDK runs, over our provider. */
function provider(host: ProviderHost): WayOf {
  return (servers) => {
    const pages = new Pages();
    const session = servers.session(servers.host());
    const authProvider = new SessionOAuthProvider({
      session,
      client: { client_name: 'Test host' },
      redirectUrl: REDIRECT_URI,
      onRedirect: (url) => {
        pages.show(url);
      },
    });
    let transport: OneTransport | undefined;
    let callback: string | undefined;
    const connected = async (): Promise<OneTransport> => {
      const next = host.open(servers.mcp.url, authProvider);
      servers.onEnd(() => next.close());
      transport = next;
      await next.connect();
      return next;
    };
    return {
      session,
      authorize: async () => {
        callback = undefined;
        if (pages.last) return; // The refusal of the last call has led there already.
        await connected().catch(ignoreUnauthorized);
      },
      consent: async () => {
        if (pages.last) callback = await person.consent(pages.last);
        pages.last = undefined;
      },
      exchange: async () => {
        if (callback === undefined) return;
        await transport?.finishAuth(await authProvider.authorizationCode(callback));
      },
      call: async (tool) => {
        for (let tries = 0; ; tries++) {
          try {
            await (await connected()).call(tool);
            return;
          } catch (error) {
            if (tries === 10 || !(error instanceof CredentialsRenewedError)) throw error;
            await new Promise((resolve) => setTimeout(resolve, 300));
          }
        }
      },
    };
  };
}

async function callOver(wire: Wire, servers: TwoServers, session: OAuthSession, tool: string): Promise<void> {
  const client = await wire.connect(session, servers.mcp);
  servers.onEnd(() => client.close());
  await client.call(tool);
}

function ignoreUnauthorized(error: unknown): void {
  if (!isUnauthorized(error)) throw error;
}

export const ways: readonly (readonly [name: string, way: WayOf])[] = [
  ['beginAuthorization(), SDK v1', web(v1Http)],
  ['authorize(), SDK v2', desktop(v2Http)],
  ['authorizeDevice(), SDK v1', device(v1Http)],
  ...providerHosts.map((host) => [`authProvider, ${host.name}`, provider(host)] as const),
];
