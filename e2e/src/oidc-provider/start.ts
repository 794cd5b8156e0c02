import { Provider } from 'oidc-provider/lib/provider.js';
import fetchRequest from 'oidc-provider/lib/helpers/fetch_request.js';
import { listenOnLoopback, type LoopbackListener } from '../http/loopback-listener.js';
import {
  configuration,
  interactionPath,
  newResourceServerCredentials,
  type OidcProviderOptions,
} from './configuration.js';
import type { OidcProvider, StartOidcProviderOptions } from './running-provider.js';
import { handleInteraction } from './interactions.js';
import { collectErrors } from './provider-errors.js';
import { collectTokenRequests } from './token-requests.js';
import { accessTokenVerifier } from './verification.js';

export async function start({ host, ...options }: StartOidcProviderOptions): Promise<OidcProvider> {
  const listener = await listenOnLoopback(host);
  try {
    return await serve(listener, options);
  } catch (error) {
    await listener.close();
    throw error;
  }
}

async function serve(listener: LoopbackListener, options: OidcProviderOptions): Promise<OidcProvider> {
  const issuer = listener.origin;
  const credentials = newResourceServerCredentials();
  const provider = new Provider(issuer, await configuration(options, credentials));
  const errors = collectErrors(provider);
  const tokenRequests = collectTokenRequests(provider);
  const handle = provider.callback();
  const counts: Record<string, number> = {};
  let revokedGrants = 0;
  provider.on('grant.revoked', () => {
    revokedGrants += 1;
  });
  listener.serve(async (request, response) => {
    const path = new URL(request.url ?? '/', issuer).pathname;
    const key = `${request.method ?? ''} ${path.replace(/^\/(interaction|auth|device)\/[\w-]{20,}$/, '/$1/:uid')}`;
    counts[key] = (counts[key] ?? 0) + 1;
    if (path.startsWith(interactionPath)) await handleInteraction(provider, request, response);
    else await handle(request, response);
  });
  if (options.clientMetadataDocuments) await settleFetch(provider);
  return {
    issuer,
    verify: accessTokenVerifier(issuer, credentials),
    counts: () => ({ ...counts }),
    errors: () => [...errors],
    tokenRequests: () => [...tokenRequests],
    revokedGrants: () => revokedGrants,
    close: () => listener.close(),
  };
}

/** Under jest the first fetch warns that it can't guard against private addresses; ours fetches nothing at all. */
async function settleFetch(provider: Provider): Promise<void> {
  const { warn } = console;
  console.warn = () => undefined;
  // The warning comes before the first await, so nothing else can be silenced by this.
  const settled = fetchRequest(provider, 'https://client.invalid/', {});
  console.warn = warn;
  await settled;
}
