import type { PendingAuthorizations } from '../authorization/pending-authorization.js';
import { StoreError } from '../errors.js';
import type { IssuerBindings } from '../registration/issuer-bindings.js';
import type { RegistrationRepository } from '../registration/registration-repository.js';
import type { SessionState } from '../session/session-state.js';

/**
 * `tokens` the login · `client` the registration at its authorization server, and at which one a client
 * that was registered by hand belongs · `verifier` the logins that are under
 * way · `discovery` what was learnt about the authorization server · `all`.
 */
export type InvalidationKind = 'all' | 'client' | 'tokens' | 'verifier' | 'discovery';

/** Forgets one kind of what is stored for a session. Local: no server hears of it, revoking is another thing. */
export async function invalidate(
  state: SessionState,
  kind: InvalidationKind,
  pendings: PendingAuthorizations,
  registrations: RegistrationRepository,
  bindings: IssuerBindings,
): Promise<void> {
  const { resource, profile } = state.key;
  const concerns = (one: InvalidationKind): boolean => kind === one || kind === 'all';
  if (concerns('client')) {
    const issuer = await knownIssuer(state, kind);
    if (issuer !== undefined) await registrations.discard(issuer);
    await bindings.forget(resource);
  }
  if (concerns('verifier')) await pendings.drop(state.partitionId, resource, profile);
  if (concerns('tokens')) await state.repository.erase();
  // A grant goes on with the endpoints it began with: they are part of it. The next login starts from discovery.
  if (concerns('discovery')) state.challenge = undefined;
  state.refused = undefined;
  state.loginCooldown.forget();
  state.keeper.forget();
}

async function knownIssuer(state: SessionState, kind: InvalidationKind): Promise<string | undefined> {
  try {
    const credentials = (await state.repository.get())?.credentials;
    return credentials?.grant?.server.issuer ?? credentials?.issuer;
  } catch (error) {
    // A record that can't be read must not keep a person from forgetting everything.
    if (kind === 'all' && error instanceof StoreError && error.kind === 'corrupt') return undefined;
    throw error;
  }
}
