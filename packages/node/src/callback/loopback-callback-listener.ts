import {
  type CallbackListener,
  InvalidConfigError,
  type ListeningCallback,
  type ListenOptions,
} from '@mcp-oauth/core';
import { ListeningLoopback } from './listening-loopback.js';
import { listenOn, listenOnAnyPort, type LoopbackServers, stop } from './loopback-servers.js';
import { type LoopbackRedirect, parseRedirectUri, withPort } from './redirect-uri.js';

/**
 * Receives the redirect that ends an authorization on a port of this machine that nobody else can reach
 * (RFC 8252 sections 7.3 and 8.3).
 *
 * A `state` has to be awaited with `response` before its authorization URL is opened: a callback with any other is
 * answered and forgotten. While it listens, the process stays alive; after `close` nothing of it does that.
 */
export class LoopbackCallbackListener implements CallbackListener {
  async listen({ redirectUris, anyPort, signal }: ListenOptions): Promise<ListeningCallback> {
    signal?.throwIfAborted();
    const redirects = redirectUris.map(parseRedirectUri);
    for (const redirect of redirects) {
      const listening = await listenOn(redirect.addresses, redirect.port);
      if (listening !== undefined) return begin(redirect, listening, signal);
    }
    const [first] = redirects;
    if (anyPort && first !== undefined) {
      const listening = await listenOnAnyPort(first.addresses);
      if (listening !== undefined) return begin(withPort(first, listening.port), listening, signal);
    }
    throw new InvalidConfigError(noPort(redirects, anyPort));
  }
}

async function begin(
  redirect: LoopbackRedirect,
  { servers }: LoopbackServers,
  signal: AbortSignal | undefined,
): Promise<ListeningCallback> {
  if (signal?.aborted) {
    await Promise.all(servers.map(stop));
    signal.throwIfAborted();
  }
  return new ListeningLoopback(redirect, servers, signal);
}

function noPort(redirects: readonly LoopbackRedirect[], anyPort: boolean): string {
  const ports = redirects.map(({ port }) => String(port)).join(', ');
  const hosts = [...new Set(redirects.map(({ hostname }) => hostname))].join(', ');
  const what =
    redirects.length === 1 ? `port ${ports}, which is` : `one of the ports ${ports}, which are all`;
  const remedy = anyPort
    ? 'No other port was free either. Check that this machine has a loopback interface.'
    : 'End the program or the other login that holds it, or configure another port whose redirect URI is registered.';
  return `The login needs ${what} taken or not allowed on ${hosts}. ${remedy}`;
}
