import { randomBytes } from 'node:crypto';

export type CanaryKind = 'access' | 'refresh' | 'code' | 'device' | 'secret' | 'password' | 'apikey' | 'key';

/** A secret that can be recognised wherever it turns up: `cnry_<kind>_<32 hex digits>`. */
export function canary(kind: CanaryKind): string {
  return `cnry_${kind}_${randomBytes(16).toString('hex')}`;
}
