import { begunLogin } from '../authorization/begun-login.js';
import type { BegunLogin } from '../authorization/begun-login.js';
import { loginEpoch } from '../authorization/login-plan.js';
import type { LoginNeed } from '../authorization/login-in-turn.js';
import type { LoginPlanRequest } from '../authorization/login-plan.js';
import { coversScope } from '../authorization/scope.js';
import type { Grant } from '../credentials/credentials.js';
import { AuthorizationRequiredError, InvalidConfigError } from '../errors.js';
import { abortable } from '../time/sleep.js';
import type { AuthorizeOptions } from './session-options.js';
import type { SessionParts } from './session-parts.js';
import type { SessionSettings } from './session-settings.js';
import { isRefused } from './session-state.js';
import type { SessionState } from './session-state.js';

/** Sees to it that the person is logged in with these scopes, by `logIn` where they are not yet. */
export async function authorizePerson(
  state: SessionState,
  { scope, signal }: AuthorizeOptions & { readonly signal: AbortSignal },
  logIn: (need: LoginNeed, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const wanted = scope ?? stepUp(state);
  // A program may call this in a loop: what a person has declined is theirs to bring up again, by naming it.
  if (scope === undefined && wanted !== undefined) await state.stepUps.assertNotDeclined(wanted);
  // A login of another call may have been for other scopes; then one of our own follows it. After that nobody is asked
  // again, however little was granted.
  for (let round = 0; round < 2; round++) {
    // Before it is found wanting, so that whatever another process stores from here on counts as new.
    const known = state.keeper.held ?? (await storedGrant(state, signal));
    if (await isLoggedIn(state, wanted, signal)) return;
    const need = { known, stepUpScope: wanted };
    const isOwn = await state.login.join(signal, (shared) => logIn(need, shared));
    if (isOwn || wanted === undefined) return;
  }
}

/** Begins a login whose callback somebody else receives. */
export async function beginLogin(
  parts: SessionParts,
  state: SessionState,
  redirect: LoginPlanRequest['redirect'],
  {
    scope,
    signal,
    bound,
    canProve,
  }: AuthorizeOptions & { readonly bound: boolean; readonly canProve: boolean },
): Promise<BegunLogin> {
  const { flow, settings } = parts;
  const { resource, profile } = state.key;
  assertPersonal(settings, resource);
  const { partition } = state;
  const credentials = (await state.repository.get())?.credentials;
  const stepUpScope = scope ?? stepUp(state) ?? state.stepUps.wanted(credentials);
  const before = credentials?.grant;
  const request = { state, settings, stepUpScope, before, redirect, canProve, signal };
  return await begunLogin(parts, request, async (plan) => {
    const { keys } = state;
    const epoch = await loginEpoch(state, plan.discovered.server.issuer);
    const begun = await flow.begin({ ...plan, keys, partition, resource, profile, epoch, bound, signal });
    state.emit({ type: 'authorization_begun', issuer: plan.discovered.server.issuer });
    return begun;
  });
}

/**
 * A session that gets its tokens without a person has nobody to send anywhere.
 *
 * @throws {InvalidConfigError}
 */
export function assertPersonal({ grant }: SessionSettings, resource: string): void {
  if (!grant) return;
  throw new InvalidConfigError(
    `${resource} is set up for the grant ${grant.type}, which needs no person: call authorize(), or just use the session.`,
  );
}

async function storedGrant({ repository }: SessionState, signal: AbortSignal): Promise<Grant | undefined> {
  return (await abortable(repository.get(), signal))?.credentials.grant;
}

async function isLoggedIn(
  state: SessionState,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const grant = await state.keeper.current(undefined, signal);
    if (suffices(state, grant, wanted)) return true;
    // Memory may be older than the store.
    const newer = await state.keeper.superseding(grant, signal);
    return newer !== undefined && suffices(state, await state.keeper.current(undefined, signal), wanted);
  } catch (error) {
    // Its client may have been replaced by the host: nobody can renew it, and the person is here to log in anew.
    if (error instanceof AuthorizationRequiredError || error instanceof InvalidConfigError) return false;
    throw error;
  }
}

function suffices(state: SessionState, grant: Grant, wanted: string | undefined): boolean {
  return !isRefused(state, grant) && coversScope(grant.tokens.scope, wanted);
}

/** The scopes of a call that was refused for want of them. */
export function stepUp({ challenge }: SessionState): string | undefined {
  return challenge?.error === 'insufficient_scope' ? challenge.scope : undefined;
}
