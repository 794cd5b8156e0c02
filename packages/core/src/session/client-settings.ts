import { safeIssuer } from '../discovery/issuer.js';
import { InvalidConfigError, UnsafeUrlError } from '../errors.js';
import { checkMachineSettings } from '../machine-login/machine-settings.js';
import type { HostClient } from '../machine-login/machine-settings.js';
import type { ClientKeyring } from '../registration/client-keys.js';
import { missingProof } from '../registration/pre-registered-client.js';
import type { Owner } from '../session-key/session-key.js';
import type { SessionSettings } from './session-settings.js';

/**
 * Checks what a session says about its client and its grant, before anything is sent.
 *
 * @throws {InvalidConfigError}
 */
export function checkClientSettings(settings: SessionSettings, host: HostClient): void {
  if (settings.issuer !== undefined) checkIssuer(settings.issuer);
  checkClient(settings);
  checkMachineSettings(settings, host);
}

/**
 * Keeps the private keys of a session where they are found again.
 *
 * @returns what keeps them again, as long as nobody has given other ones since.
 * @throws {InvalidConfigError}
 */
export function keptClientKeys(
  keyring: ClientKeyring,
  owner: Owner | undefined,
  { clientId, issuer, privateKey, grant }: SessionSettings,
): () => void {
  const order = keyring.order();
  const provider = grant?.type === 'enterprise_managed' ? grant.identityProvider : undefined;
  const keep = (): void => {
    if (clientId !== undefined && privateKey) keyring.add(order, owner, { clientId, issuer }, privateKey);
    if (provider?.privateKey) keyring.add(order, owner, provider, provider.privateKey);
  };
  keep();
  return keep;
}

function checkIssuer(issuer: string): void {
  try {
    safeIssuer(issuer, 'issuer');
  } catch (error) {
    if (!(error instanceof UnsafeUrlError)) throw error;
    throw new InvalidConfigError(
      `The issuer of a session can't be an authorization server: ${error.problem}.`,
    );
  }
}

function checkClient(settings: SessionSettings): void {
  const { clientId, clientSecret, privateKey, tokenEndpointAuthMethod: method } = settings;
  if (clientId === undefined) {
    const left = { clientSecret, privateKey, tokenEndpointAuthMethod: method };
    const [name] = Object.entries(left).find(([, value]) => value !== undefined) ?? [];
    if (name !== undefined)
      throw new InvalidConfigError(`${name} says more about clientId, which is not set.`);
    return;
  }
  const missing = missingProof(settings);
  if (missing) {
    throw new InvalidConfigError(
      `The client ${JSON.stringify(clientId)} needs a ${missing} for ${method ?? ''}.`,
    );
  }
}
