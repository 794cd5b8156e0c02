import type { ClientInformation } from '../credentials/credentials.js';
import type { ClientKey, TokenEndpointAuthMethod } from './client-key.js';

/** What a session brings of its own. */
export interface RegisteredClient {
  /** The only issuer that it may be used at. */
  readonly issuer?: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  readonly privateKey?: ClientKey | undefined;
  readonly tokenEndpointAuthMethod?: TokenEndpointAuthMethod | undefined;
}

/** A client that was registered by hand, as records hold it: without its key, and without a secret that it doesn't use. */
export function preRegisteredClient(clientId: string, settings: RegisteredClient): ClientInformation {
  const method = settings.tokenEndpointAuthMethod ?? (settings.privateKey && 'private_key_jwt');
  const usesSecret = method === undefined || method.startsWith('client_secret_');
  return {
    client_id: clientId,
    client_secret: usesSecret ? settings.clientSecret : undefined,
    token_endpoint_auth_method: method,
  };
}

/** What a client lacks that is to prove itself in a certain way. */
export function missingProof(client: RegisteredClient): 'clientSecret' | 'privateKey' | undefined {
  switch (client.tokenEndpointAuthMethod) {
    case 'client_secret_basic':
    case 'client_secret_post':
      return client.clientSecret === undefined ? 'clientSecret' : undefined;
    case 'private_key_jwt':
      return client.privateKey === undefined ? 'privateKey' : undefined;
    default:
      return undefined;
  }
}
