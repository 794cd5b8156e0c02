import type { Grant } from '../credentials/credentials.js';
import type { SessionState } from '../session/session-state.js';

/** Takes over the grant of a login, whoever made it. What the MCP server said about the old one is of no use now. */
export function takeOver(state: SessionState, grant: Grant): void {
  state.keeper.hold(grant);
  state.refused = undefined;
  state.challenge = undefined;
  state.lookedForMove = undefined;
}

/** Takes over the grant of a login that ended here, and tells the host. */
export function loginCompleted(state: SessionState, grant: Grant): void {
  takeOver(state, grant);
  state.emit({ type: 'authorization_completed', issuer: grant.server.issuer });
}
