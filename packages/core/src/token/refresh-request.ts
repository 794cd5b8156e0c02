import type { ClientInformation, Grant } from '../credentials/credentials.js';
import type { TokenEndpoint } from '../protocol/token-endpoint.js';
import type { ClientKeys } from '../registration/client-keys.js';
import type { Clock } from '../time/clock.js';
import { refreshOutcome } from './refresh-outcome.js';
import type { RefreshOutcome } from './refresh-outcome.js';
import type { RefreshTiming } from './refresh-timing.js';

export interface RefreshRequestOptions {
  readonly endpoint: TokenEndpoint;
  /** Of the grant's owner. */
  readonly keys: ClientKeys;
  readonly clock: Clock;
  readonly timing: RefreshTiming;
  /** The client of a grant as the host has configured it since, where its secret has changed. */
  readonly rotatedClient: (grant: Grant) => Promise<ClientInformation | undefined>;
}

/**
 * Asks with the secret of the grant, and where that is refused with the one that is configured now: the server looks at
 * the client first (RFC 6749 section 5.2), so that nothing was spent. Not the other way round, as one wrong configuration
 * would end all grants. Both together take no longer than one may.
 */
export async function requestRefresh(
  options: RefreshRequestOptions,
  grant: Grant,
): Promise<RefreshOutcome & { readonly client: ClientInformation }> {
  const { timing, clock, rotatedClient } = options;
  const { client } = grant;
  const until = clock.monotonic() + timing.timeoutMs;
  const outcome = await ask(options, grant, client, timing.timeoutMs);
  if (outcome.kind === 'refused' && outcome.reason === 'client_rejected') {
    const rotated = await rotatedClient(grant);
    const leftMs = until - clock.monotonic();
    if (rotated && leftMs > 0) return { ...(await ask(options, grant, rotated, leftMs)), client: rotated };
  }
  return { ...outcome, client };
}

async function ask(
  { endpoint, keys }: RefreshRequestOptions,
  { server, resourceIndicator, tokens, dpop }: Grant,
  client: ClientInformation,
  timeoutMs: number,
): Promise<RefreshOutcome> {
  const refreshToken = tokens.refresh_token ?? '';
  return await refreshOutcome(
    server.issuer,
    endpoint.refresh({ server, client, keys, resourceIndicator, refreshToken, dpop, timeoutMs }),
  );
}
