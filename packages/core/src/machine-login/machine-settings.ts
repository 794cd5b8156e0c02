import { InvalidConfigError, UnsafeUrlError } from '../errors.js';
import { safeUrl } from '../http/safe-url.js';
import type { ClientKeyring } from '../registration/client-keys.js';
import { missingProof } from '../registration/pre-registered-client.js';
import type { SessionSettings } from '../session/session-settings.js';
import type { IdentityProvider, MachineGrant } from './machine-grant.js';

/** What the host itself brings to every session. */
export interface HostClient {
  readonly keyring: ClientKeyring;
  readonly metadataUrl: string | undefined;
  /** Whether it proves itself by a key of its own. */
  readonly hasKey: boolean;
}

/**
 * Checks how a session is to get tokens without a person, before anything is sent. No such client registers itself
 * (OAuth Client Credentials extension): it was registered, or publishes its metadata document.
 *
 * @throws {InvalidConfigError}
 */
export function checkMachineSettings(settings: SessionSettings, host: HostClient): void {
  const { grant, clientId } = settings;
  if (!grant) return;
  checkGrant(grant);
  if (clientId === undefined && host.metadataUrl === undefined) {
    throw new InvalidConfigError(
      `The grant ${grant.type} needs a client that is registered: configure its clientId, or a clientMetadataUrl.`,
    );
  }
  if (grant.type === 'client_credentials' && !isConfidential(settings, host)) {
    throw new InvalidConfigError(
      `The grant client_credentials needs a client that can prove itself: ${
        clientId === undefined
          ? 'configure the clientKey of clientMetadataUrl'
          : `configure a clientSecret or a privateKey for ${JSON.stringify(clientId)}`
      }.`,
    );
  }
}

function isConfidential(settings: SessionSettings, { hasKey }: HostClient): boolean {
  if (settings.clientId === undefined) return hasKey;
  if (settings.tokenEndpointAuthMethod === 'none') return false;
  return settings.clientSecret !== undefined || settings.privateKey !== undefined;
}

function checkGrant(grant: MachineGrant): void {
  switch (grant.type) {
    case 'client_credentials':
      return;
    case 'jwt_bearer':
      assertFunction(grant.assertion, 'grant.assertion');
      return;
    case 'enterprise_managed':
      assertFunction(grant.idToken, 'grant.idToken');
      checkIdentityProvider(grant.identityProvider);
      return;
    default:
      throw new InvalidConfigError(
        'grant.type must be client_credentials, jwt_bearer or enterprise_managed.',
      );
  }
}

function assertFunction(source: unknown, name: string): void {
  if (typeof source !== 'function')
    throw new InvalidConfigError(`${name} must be a function that gives a JWT.`);
}

function checkIdentityProvider(provider: IdentityProvider): void {
  const { issuer, tokenEndpoint, clientId, tokenEndpointAuthMethod: method } = provider;
  assertAddress(issuer, 'grant.identityProvider.issuer');
  if (tokenEndpoint !== undefined) assertAddress(tokenEndpoint, 'grant.identityProvider.tokenEndpoint');
  if (typeof clientId !== 'string' || clientId === '') {
    throw new InvalidConfigError('grant.identityProvider.clientId must name a client of that provider.');
  }
  const missing = missingProof(provider);
  if (missing) throw new InvalidConfigError(`grant.identityProvider needs a ${missing} for ${method ?? ''}.`);
}

function assertAddress(address: string, name: string): void {
  try {
    safeUrl(address, name);
  } catch (error) {
    if (error instanceof UnsafeUrlError) throw new InvalidConfigError(error.message);
    throw error;
  }
}
