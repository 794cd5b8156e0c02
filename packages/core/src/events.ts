import type {
  AuthorizationRequiredReason,
  CallbackRejectedReason,
  OAuthClientErrorCode,
  StoreErrorKind,
} from './errors.js';
import type { RevocationReport } from './revocation/revocation.js';
import type { Owner } from './session-key/session-key.js';

/**
 * Which session an event is about. Holds no secret; `owner` is the host's own name for the person. Without a resource:
 * a callback that belongs to no known login, or trouble of the store as such.
 */
export interface EventSubject {
  readonly owner?: Owner | undefined;
  readonly resource?: string | undefined;
  readonly profile?: string | undefined;
}

/**
 * What happened, for logs and metrics. Closed: these and no others. None holds a secret; of what servers say there are
 * codes, issuers and scopes alone.
 */
export type OAuthClientEvent = EventSubject &
  (
    | { readonly type: 'authorization_begun'; readonly issuer: string }
    | { readonly type: 'authorization_completed'; readonly issuer: string }
    | {
        readonly type: 'authorization_refused';
        readonly code: OAuthClientErrorCode;
        readonly reason?: CallbackRejectedReason;
      }
    /** A person has to log in before this session can be used again. */
    | { readonly type: 'authorization_required'; readonly reason: AuthorizationRequiredReason }
    /** The MCP server wants scopes that the token lacks: all that a login would have to ask for, space-separated. */
    | { readonly type: 'step_up'; readonly scope: string }
    | { readonly type: 'client_registered'; readonly issuer: string }
    | { readonly type: 'refreshed'; readonly generation: number; readonly durationMs: number }
    /** A token that another process has renewed was taken over. */
    | { readonly type: 'refresh_joined'; readonly generation: number }
    | { readonly type: 'refresh_failed'; readonly code: OAuthClientErrorCode; readonly retryAfterMs?: number }
    /** A person ended the login; says what the server did with each token. */
    | ({ readonly type: 'revoked' } & RevocationReport)
    /**
     * A call of the store failed. Or, with `unsaved`, so many have that a renewed token exists in memory only: it is in
     * use, and is stored as soon as possible.
     */
    | { readonly type: 'store_trouble'; readonly kind: StoreErrorKind; readonly unsaved: boolean }
    /** Such a token is stored now. */
    | { readonly type: 'store_recovered' }
  );

export type OnEvent = (event: OAuthClientEvent) => void;

/** Calls a host's listener, whose failure must not make a refresh or a login fail. */
export function emitter(onEvent: OnEvent | undefined): OnEvent {
  return (event) => {
    try {
      onEvent?.(event);
    } catch {
      // It is the host's own, and no other code of this library has a use for what it throws.
    }
  };
}

type WithoutSubject<Event> = Event extends OAuthClientEvent ? Omit<Event, keyof EventSubject> : never;
/** Tells an event whose subject is known. */
export type Emit = (event: WithoutSubject<OAuthClientEvent>) => void;
