import type { ServiceIdentifier } from 'inversify';
import type { FetchLike } from './http/bounded-request.js';
import type { OAuthClient } from './oauth-client.js';
import type { Browser } from './ports/browser.js';
import type { CallbackListener } from './ports/callback-listener.js';
import type { DevicePrompt } from './ports/device-prompt.js';
import type { ProcessIdentity } from './ports/process-identity.js';
import type { RedirectPrompt } from './ports/redirect-prompt.js';
import type { TokenStore } from './ports/token-store.js';

// In a file of their own, because in the file that declares them TypeScript takes each for a mere symbol: there
// `container.get` would return `unknown`, and a wrong value could be bound.

/** Required. Where credentials are kept. */
export const tokenStoreIdentifier: ServiceIdentifier<TokenStore> = Symbol.for('@mcp-oauth/core/TokenStore');

/** Optional. Shows pages to the person at this machine. */
export const browserIdentifier: ServiceIdentifier<Browser> = Symbol.for('@mcp-oauth/core/Browser');

/** Optional. Receives the person's way back from the authorization server. */
export const callbackListenerIdentifier: ServiceIdentifier<CallbackListener> = Symbol.for(
  '@mcp-oauth/core/CallbackListener',
);

/** Optional. Asks for the way back where there is no browser. */
export const redirectPromptIdentifier: ServiceIdentifier<RedirectPrompt> = Symbol.for(
  '@mcp-oauth/core/RedirectPrompt',
);

/** Optional. Shows a code to log in with on another device. */
export const devicePromptIdentifier: ServiceIdentifier<DevicePrompt> = Symbol.for(
  '@mcp-oauth/core/DevicePrompt',
);

/** Optional. Lets the death of another process on this machine be noticed at once. */
export const processIdentityIdentifier: ServiceIdentifier<ProcessIdentity> = Symbol.for(
  '@mcp-oauth/core/ProcessIdentity',
);

/** Sends every request of the client. Required with `owners: 'many'`, else optional. */
export const fetchIdentifier: ServiceIdentifier<FetchLike> = Symbol.for('@mcp-oauth/core/Fetch');

/** The client of a host with a single owner. */
export const oauthClientIdentifier: ServiceIdentifier<OAuthClient> = Symbol.for(
  '@mcp-oauth/core/OAuthClient',
);

/**
 * The client of a host with `owners: 'many'`. Not the symbol of the single owner: whoever asks for the wrong one is
 * told so by the container, and whoever asks for the right one can't forget the owner.
 */
export const manyOwnersOAuthClientIdentifier: ServiceIdentifier<OAuthClient<'many'>> = Symbol.for(
  '@mcp-oauth/core/ManyOwnersOAuthClient',
);
