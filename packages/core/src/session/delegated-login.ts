import { DelegatedAuthorization } from '../authorization/delegated-authorization.js';
import { checkedRedirectUri } from '../authorization/redirect-uris.js';
import { beginLogin } from './session-login.js';
import type { DelegationOptions } from './session-options.js';
import type { SessionParts } from './session-parts.js';
import type { SessionState } from './session-state.js';

/** Begins a login whose token request another library sends. */
export async function delegateLogin(
  parts: SessionParts,
  state: SessionState,
  { dpop: canProve = false, ...options }: DelegationOptions,
): Promise<DelegatedAuthorization> {
  const { flow, clock, browser, callbackListener, closing } = parts;
  const { redirectUri } = options;
  // With scopes it is another question, which has a bound of its own.
  if (options.scope === undefined) state.loginCooldown.assertOver();
  const redirect =
    redirectUri === undefined
      ? { listener: callbackListener }
      : { uri: checkedRedirectUri(redirectUri, 'redirectUri') };
  const signal = options.signal ? AbortSignal.any([options.signal, closing]) : closing;
  const { begun, plan } = await beginLogin(parts, state, redirect, {
    ...options,
    signal,
    bound: false,
    canProve,
  });
  const { discovered, listening } = plan;
  const dpop = plan.dpop && (await state.dpop.prover(plan.dpop, state.key.resource));
  return new DelegatedAuthorization({ flow, state, clock, begun, discovered, browser, listening, dpop });
}
