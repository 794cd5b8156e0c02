import type { Discovered } from '../discovery/discovery.js';

/** What is known about the scopes to ask for. */
export interface ScopeRequest {
  /** The host's own choice. Where there is one, it is asked for as it is. */
  readonly configured?: readonly string[] | undefined;
  /** What the MCP server asked for in the challenge of a 401. */
  readonly challenged?: string | undefined;
  /** What a call needs beyond what was granted, or what the host wants for this login. */
  readonly stepUp?: string | undefined;
  /** What the person has granted already, where a step-up adds to it. */
  readonly granted?: string | undefined;
}

const OFFLINE_ACCESS = 'offline_access';
/** RFC 6749 section 3.3. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/;

/**
 * The `scope` of an authorization request, or `undefined` to leave it out (MCP authorization, "Scope Selection
 * Strategy"): the host's choice, else what the challenge names, else what the MCP server supports; together with what a
 * step-up adds.
 *
 * Where the host chose nothing, `offline_access` is added if the authorization server has it, since this client wants
 * refresh tokens. It is not for the MCP server to say: what that lists as supported counts for it only there.
 */
export function selectScope(request: ScopeRequest, discovered: Discovered): string | undefined {
  const scopes = new Set<string>();
  const add = (more: readonly string[] | undefined): void => {
    for (const scope of more ?? []) if (SCOPE_TOKEN.test(scope)) scopes.add(scope);
  };
  const hasOfflineAccess = discovered.server.scopes_supported?.includes(OFFLINE_ACCESS) ?? false;
  add(request.configured);
  const isChosen = scopes.size > 0;
  add(request.stepUp?.split(' '));
  if (scopes.size === 0) add(request.challenged?.split(' '));
  if (scopes.size === 0) add(discovered.scopes_supported?.filter((scope) => scope !== OFFLINE_ACCESS));
  add(request.granted?.split(' '));
  if (hasOfflineAccess && !isChosen) scopes.add(OFFLINE_ACCESS);
  return scopes.size === 0 ? undefined : [...scopes].join(' ');
}

/** Whether everything in `wanted` is in `granted`. */
export function coversScope(granted: string | undefined, wanted: string | undefined): boolean {
  const have = new Set(granted?.split(' '));
  return (wanted?.split(' ') ?? []).every((scope) => have.has(scope));
}
