import type { AuthorizationFlow } from '../authorization/authorization-flow.js';
import type { InteractiveLogin } from '../authorization/interactive-login.js';
import type { PendingAuthorizations } from '../authorization/pending-authorization.js';
import type { DeviceLogin } from '../device/device-login.js';
import type { HealthCheck } from '../health/health-check.js';
import type { FetchLike } from '../http/bounded-request.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import type { MachineLogin } from '../machine-login/machine-login.js';
import type { Browser } from '../ports/browser.js';
import type { CallbackListener } from '../ports/callback-listener.js';
import type { RevocationEndpoint } from '../protocol/revocation-endpoint.js';
import type { ClientRegistrar } from '../registration/client-registration.js';
import type { IssuerBindings } from '../registration/issuer-bindings.js';
import type { RegistrationRepository } from '../registration/registration-repository.js';
import type { SessionKey } from '../session-key/session-key.js';
import type { Clock } from '../time/clock.js';
import type { SessionSettings } from './session-settings.js';
import type { SessionState } from './session-state.js';

/** What a session works with: its own key and settings, and the parts that all sessions of a client share. */
export interface SessionParts {
  readonly key: SessionKey;
  readonly settings: SessionSettings;
  readonly state: () => Promise<SessionState>;
  readonly fetch: FetchLike;
  readonly http: OAuthHttp;
  readonly revocation: RevocationEndpoint;
  readonly flow: AuthorizationFlow;
  readonly registrar: ClientRegistrar;
  readonly registrations: RegistrationRepository;
  readonly bindings: IssuerBindings;
  readonly pendings: PendingAuthorizations;
  readonly login: InteractiveLogin;
  readonly deviceLogin: DeviceLogin;
  readonly machineLogin: MachineLogin;
  readonly healthCheck: HealthCheck;
  readonly clock: Clock;
  readonly browser: Browser | undefined;
  readonly callbackListener: CallbackListener | undefined;
  /** Aborts when the client is closed. */
  readonly closing: AbortSignal;
}
