export { CredentialsRenewedError } from './oauth-provider/credentials-renewed-error.js';
export { SessionOAuthProvider } from './oauth-provider/session-oauth-provider.js';
export type { SessionOAuthProviderOptions } from './oauth-provider/session-oauth-provider.js';
