import { InvalidConfigError } from '@mcp-oauth/core';
import type { MachineGrant, SessionSettings } from '@mcp-oauth/core';
import type { OAuth21Config } from './schema.js';

/**
 * What core is told of one server: its configuration, and what no configuration can say.
 *
 * @throws {InvalidConfigError} both of them say how tokens are had, and differ.
 */
export function sessionSettings(
  url: string,
  { grantType, privateKey, privateKeyId, privateKeyAlgorithm, ...settings }: OAuth21Config = {},
  grant?: MachineGrant,
): SessionSettings {
  if (grant && grantType && grant.type !== grantType) {
    throw new InvalidConfigError(
      `${url} is configured for the grantType ${grantType}, and its host asks for the grant ${grant.type}.`,
    );
  }
  return {
    ...settings,
    privateKey:
      privateKey === undefined ? undefined : { key: privateKey, kid: privateKeyId, alg: privateKeyAlgorithm },
    grant: grant ?? (grantType && { type: grantType }),
  };
}
