import type { Discovered } from '../discovery/discovery.js';

/** What is known about the scopes to ask for, from the most to the least binding. */
export interface ScopeRequest {
  /** The host's own choice. */
  readonly configured?: readonly string[] | undefined;
  /** What the MCP server asked for in its challenge. */
  readonly challenged?: string | undefined;
  /** What the person has granted already, where a step-up adds to it. */
  readonly granted?: string | undefined;
}

/**
 * The `scope` of an authorization request, or `undefined` to leave it out (MCP authorization, "Scope Selection
 * Strategy"): the host's choice, else what the challenge names, else what the MCP server supports, together with
 * what a step-up adds. `offline_access` is added where the server has it, since this client wants refresh tokens.
 */
export function selectScope(request: ScopeRequest, discovered: Discovered): string | undefined {
  const scopes = new Set<string>();
  const add = (more: readonly string[] | undefined): void => {
    for (const scope of more ?? []) if (scope !== '') scopes.add(scope);
  };
  add(request.configured);
  add(request.challenged?.split(' '));
  if (scopes.size === 0) add(discovered.scopes_supported);
  add(request.granted?.split(' '));
  if (discovered.server.scopes_supported?.includes('offline_access')) scopes.add('offline_access');
  return scopes.size === 0 ? undefined : [...scopes].join(' ');
}

/** Whether everything in `wanted` is in `granted`. */
export function coversScope(granted: string | undefined, wanted: string | undefined): boolean {
  const have = new Set(granted?.split(' '));
  return (wanted?.split(' ') ?? []).every((scope) => have.has(scope));
}
