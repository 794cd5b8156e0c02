import type {
  CallbackRejectedReason,
  OAuthClientErrorCode,
  StoreErrorKind,
  AuthorizationRequiredReason,
} from './errors.js';
import type { Owner } from './session-key/session-key.js';

/** Which session an event is about. Holds no secret; `owner` is the host's own name for the person. */
export interface EventSubject {
  readonly owner: Owner | undefined;
  readonly resource: string;
  readonly profile: string;
}

/** What happened, for logs and metrics. No event holds a secret. */
export type OAuthClientEvent = EventSubject &
  (
    | { readonly type: 'authorization_begun'; readonly issuer: string }
    | { readonly type: 'authorization_completed'; readonly issuer: string }
    | {
        readonly type: 'authorization_refused';
        readonly code: OAuthClientErrorCode;
        readonly reason?: CallbackRejectedReason;
      }
    | { readonly type: 'refreshed'; readonly generation: number; readonly durationMs: number }
    /** The token that another process, or another call, has renewed was taken over. */
    | { readonly type: 'refresh_joined'; readonly generation: number }
    | { readonly type: 'refresh_failed'; readonly code: OAuthClientErrorCode; readonly retryAfterMs?: number }
    | { readonly type: 'authorization_required'; readonly reason: AuthorizationRequiredReason }
    | { readonly type: 'revoked' }
    /** `unsaved`: a renewed token exists in memory only; it is in use and is stored as soon as possible. */
    | { readonly type: 'store_trouble'; readonly kind: StoreErrorKind; readonly unsaved: boolean }
    | { readonly type: 'store_recovered' }
  );

export type OnEvent = (event: OAuthClientEvent) => void;
