import type { SharedLogin } from '../authorization/shared-login.js';
import type { StepUps } from '../authorization/step-ups.js';
import type { CredentialsRepository } from '../credentials/credentials-repository.js';
import type { TokenIdentity } from '../credentials/credentials.js';
import type { Dpop } from '../dpop/dpop.js';
import type { Challenge } from '../discovery/challenge.js';
import type { Emit } from '../events.js';
import type { ClientKeys } from '../registration/client-keys.js';
import type { LoginCooldown } from '../resource/login-cooldown.js';
import type { SessionKey } from '../session-key/session-key.js';
import type { SessionSettings } from './session-settings.js';
import type { GrantKeeper } from '../token/grant-keeper.js';

export interface Look {
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
  readonly found: Promise<boolean>;
}

/** What all sessions of one key share inside one process. */
export interface SessionState {
  readonly key: SessionKey;
  readonly partition: Uint8Array;
  readonly partitionId: string;
  readonly repository: CredentialsRepository;
  readonly keeper: GrantKeeper;
  readonly emit: Emit;
  readonly login: SharedLogin;
  readonly stepUps: StepUps;
  readonly loginCooldown: LoginCooldown;
  readonly dpop: Dpop;
  /** Those of its owner. */
  readonly keys: ClientKeys;
  /** What the host configured for the session that was used last. */
  settings: SessionSettings;
  /** What the MCP server said last when it wanted another token. */
  challenge: Challenge | undefined;
  /** The token set that the MCP server refused when it was asked about it. */
  foundRefused?: { readonly token: TokenIdentity; readonly at: number };
  /** When this process looked last whether the MCP server names another authorization server now. */
  lookedForMove?: Look | undefined;
  /** When it looked last whether the MCP server names the one of the login again. */
  lookedForReturn?: Look | undefined;
  /** The token set that the MCP server refused, and that could not be renewed or just was. */
  refused:
    | {
        readonly token: TokenIdentity;
        readonly at: number;
        /** Whether it came of another one that was refused: one more token of the same login is no better. */
        readonly isRenewed?: boolean;
      }
    | undefined;
}

/** Whether the MCP server would refuse a token of this grant again, as far as this process has seen. */
export function isRefused({ refused }: SessionState, grant: TokenIdentity): boolean {
  if (refused?.token.grantId !== grant.grantId) return false;
  return refused.isRenewed === true || grant.generation <= refused.token.generation;
}

/**
 * Has the MCP server asked anew by the next login: what it said led nowhere, and may be mended by then. Which scopes a
 * call lacked is kept, since nobody would say that again.
 */
export function forgetChallenge(state: SessionState): void {
  const { challenge } = state;
  state.challenge =
    challenge?.error === 'insufficient_scope' ? { ...challenge, resource_metadata: undefined } : undefined;
}
