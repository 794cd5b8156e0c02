import type { Challenge } from '../discovery/challenge.js';
import { checkedProtectedResource, findProtectedResource } from '../discovery/protected-resource.js';
import type { ProtectedResourceMetadata } from '../discovery/protected-resource.js';
import { quoted } from '../errors.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import { ok, outcome, troubled, unknown, warning } from './findings.js';
import type { HealthFinding } from './health-report.js';

export interface ResourceMetadataHealth {
  readonly finding: HealthFinding;
  /** Absent where it could not be had; `undefined` inside where the MCP server publishes none. */
  readonly known?: { readonly metadata: ProtectedResourceMetadata | undefined };
}

/** Where the metadata of an MCP server lies and what it says. */
export async function resourceMetadataHealth(
  http: OAuthHttp,
  resource: string,
  { challenge, isOpen }: { readonly challenge: Challenge | undefined; readonly isOpen: boolean },
  signal: AbortSignal,
): Promise<ResourceMetadataHealth> {
  const check = 'resource_metadata';
  const remedy = 'Tell whoever runs the MCP server: no login is possible until this is mended.';
  const found = await outcome(signal, () => findProtectedResource(http, resource, challenge ?? {}, signal));
  if (!found.ok) return { finding: troubled(check, found.trouble, remedy) };
  if (!found.value) {
    const none = `${resource} publishes no protected resource metadata`;
    const finding = isOpen
      ? unknown(check, `${none}, and asks for no login.`)
      : warning(
          check,
          `${none}, so that a login goes to its own origin (MCP 2025-03-26).`,
          'Tell whoever runs the MCP server: it should publish some (RFC 9728).',
        );
    return { finding, known: { metadata: undefined } };
  }
  const { url, fields } = found.value;
  const checked = await outcome(signal, () => checkedProtectedResource(resource, fields));
  if (!checked.ok) return { finding: troubled(check, checked.trouble, remedy) };
  const metadata = checked.value;
  const servers = metadata.authorization_servers.map(quoted).join(', ');
  const message =
    `Found at ${url.href}. It speaks for ${quoted(metadata.resource)} and names ` +
    (servers === '' ? 'no authorization server.' : `the authorization server ${servers}.`);
  return { finding: ok(check, message), known: { metadata } };
}
