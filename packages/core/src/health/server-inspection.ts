import { checkedServerMetadata, findServerMetadata } from '../discovery/authorization-server.js';
import type { AuthorizationServerMetadata } from '../discovery/authorization-server.js';
import type { FoundMetadata } from '../discovery/metadata-document.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import type { ClientRegistrar, RegistrationWay } from '../registration/client-registration.js';
import type { SessionSettings } from '../session/session-settings.js';
import { outcome } from './findings.js';
import type { Outcome } from './findings.js';

export interface InspectionRequest {
  readonly http: OAuthHttp;
  readonly registrar: ClientRegistrar;
  readonly resource: string;
  readonly settings: SessionSettings;
  readonly signal: AbortSignal;
}

/** What one authorization server says, and what a login would make of it. */
export interface ServerInspection {
  readonly issuer: string;
  /** `undefined` where it publishes no metadata. */
  readonly found: Outcome<FoundMetadata | undefined>;
  /** The metadata as a login takes it. */
  readonly checked: Outcome<AuthorizationServerMetadata> | undefined;
  readonly way: Outcome<RegistrationWay> | undefined;
}

export async function inspectServer(
  { http, registrar, resource, settings, signal }: InspectionRequest,
  issuer: string,
  fallback?: AuthorizationServerMetadata,
): Promise<ServerInspection> {
  const found = await outcome(signal, () => findServerMetadata(http, resource, issuer, signal));
  const fields = found.ok ? found.value?.fields : undefined;
  const checked = fields
    ? await outcome(signal, () => checkedServerMetadata(resource, issuer, fields))
    : found.ok && fallback
      ? ({ ok: true, value: fallback } as const)
      : undefined;
  const way = checked?.ok ? await outcome(signal, () => registrar.way(checked.value, settings)) : undefined;
  return { issuer, found, checked, way };
}

/** Why no login at this server can work; `undefined` where one can. */
export function whyUnusable({ issuer, found, checked, way }: ServerInspection): string | undefined {
  const failed = [found, checked, way].find((step) => step?.ok === false);
  if (failed?.ok === false) return failed.trouble.message;
  return checked ? undefined : `${issuer} publishes no metadata.`;
}
