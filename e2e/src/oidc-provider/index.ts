import type { OidcProvider, StartOidcProviderOptions } from './running-provider.js';

/** Starts one on a free loopback port. */
export async function startOidcProvider(options: StartOidcProviderOptions = {}): Promise<OidcProvider> {
  // Loaded when used: a test that needs no second authorization server should not wait for it.
  const { start } = await import('./start.js');
  return start(options);
}
