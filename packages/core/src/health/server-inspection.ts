import { checkedServerMetadata, findServerMetadata } from '../discovery/authorization-server.js';
import type { AuthorizationServerMetadata } from '../discovery/authorization-server.js';
import type { Challenge } from '../discovery/challenge.js';
import type { FoundMetadata } from '../discovery/metadata-document.js';
import type { ProtectedResourceMetadata } from '../discovery/protected-resource.js';
import type { DpopChoice } from '../dpop/dpop-choice.js';
import type { Dpop } from '../dpop/dpop.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import type { ClientRegistrar, RegistrationWay } from '../registration/client-registration.js';
import type { SessionSettings } from '../session/session-settings.js';
import { outcome } from './findings.js';
import type { Outcome, Trouble } from './findings.js';

export interface InspectionRequest {
  readonly http: OAuthHttp;
  readonly registrar: ClientRegistrar;
  readonly dpop: Dpop;
  readonly resource: string;
  readonly challenge: Challenge | undefined;
  /** What the MCP server publishes; `undefined` where it publishes nothing. */
  readonly metadata: ProtectedResourceMetadata | undefined;
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
  /** How tokens would be bound to a key; `undefined` inside for bearer tokens. */
  readonly binding: Outcome<DpopChoice | undefined> | undefined;
}

export async function inspectServer(
  { http, registrar, dpop, resource, challenge, metadata, settings, signal }: InspectionRequest,
  issuer: string,
  fallback?: AuthorizationServerMetadata,
): Promise<ServerInspection> {
  const found = await outcome(signal, () => findServerMetadata(http, resource, issuer, signal));
  const fields = found.ok ? found.value?.fields : undefined;
  const checked = fields
    ? await outcome(signal, () =>
        checkedServerMetadata(resource, issuer, fields, settings.grant !== undefined),
      )
    : found.ok && fallback
      ? ({ ok: true, value: fallback } as const)
      : undefined;
  const way = checked?.ok ? await outcome(signal, () => registrar.way(checked.value, settings)) : undefined;
  const binding = checked?.ok
    ? await outcome(signal, () =>
        dpop.choice({ resource, challenge, discovered: { server: checked.value, ...metadata } }),
      )
    : undefined;
  return { issuer, found, checked, way, binding };
}

/** The first step that no login at this server would get beyond. */
export function failedStep({ found, checked, way, binding }: ServerInspection): Trouble | undefined {
  for (const step of [found, checked, way, binding]) if (step?.ok === false) return step.trouble;
  return undefined;
}

/** Why no login at this server can work; `undefined` where one can. */
export function whyUnusable(inspection: ServerInspection): string | undefined {
  const { issuer, checked } = inspection;
  return failedStep(inspection)?.message ?? (checked ? undefined : `${issuer} publishes no metadata.`);
}
