export {
  startStrictAuthorizationServer,
  type FamilyReport,
  type IssuedGrant,
  type IssueGrantOptions,
  type RefreshCount,
  type StrictAuthorizationServer,
  type StrictAuthorizationServerOptions,
} from './strict-authorization-server/index.js';
export type {
  AuthorizationDecision,
  AuthorizationRequest,
  RotationMode,
  StrictBehaviour,
  TrustedIssuer,
  TokenResponseContext,
} from './strict-authorization-server/behaviour.js';
export type { ClientOptions, RegisteredClient } from './strict-authorization-server/clients.js';
export { seededRandom } from './strict-authorization-server/random.js';
export type { StrictServerOptions } from './strict-authorization-server/server.js';
export type { RefreshRecord } from './strict-authorization-server/grants.js';
export type { MetadataLocation } from './strict-authorization-server/metadata.js';
export type {
  RequestCounts,
  RequestLogEntry,
  StrictEndpoint,
} from './strict-authorization-server/request-log.js';
export { faults, type DropPoint, type Fault, type RefusalFault, type ReplyFault } from './http/faults.js';
export type { LoopbackHost } from './http/loopback-listener.js';
export { canary, type CanaryKind } from './canary.js';
export { introspect, type IntrospectionOptions } from './mcp-server/introspection.js';
export type { TokenIssuer, VerifiedToken } from './mcp-server/verified-token.js';
export { person, type PersonOptions, type Visit } from './person/person.js';
export { ScriptedBrowser } from './person/scripted-browser.js';
export { startMcpServer, type McpServerOptions, type RunningMcpServer } from './mcp-server/index.js';
export type { Challenge, McpBehaviour, MetadataPlacement } from './mcp-server/behaviour.js';
export type { StaticCredentials } from './mcp-server/guard.js';
export type { McpCounts, McpRequestEntry } from './mcp-server/request-log.js';
export type { McpEndpoint } from './mcp-server/server.js';
export type { WhoAmI } from './mcp-server/tools.js';
export { startOidcProvider } from './oidc-provider/index.js';
export type {
  OidcProvider,
  ProviderError,
  StartOidcProviderOptions,
} from './oidc-provider/running-provider.js';
export type { AccessTokenFormat, OidcProviderOptions } from './oidc-provider/configuration.js';
export { freeRedirectUri } from './processes/free-redirect-uri.js';
export { stdioServerPath } from './stdio/path.js';
export { runWorkers, withWorkers, type WorkersOptions } from './workers/run-workers.js';
export type { WorkerExit, WorkerProcess } from './workers/worker-process.js';
export { expectNoLeaks, LeakOracle, type Leak } from './leaks/leak-oracle.js';
export { launchChromium } from './chromium/launch.js';
export { PersonAtChromium } from './story/person-at-chromium.js';
export { startStoryAuthorizationServer, STORY_TOKEN_SECONDS } from './story/authorization-server.js';
export type { StoryAuthorizationServer } from './story/authorization-server.js';
export { countTokenRequests, refreshesForOneExpiry, tokensEndAt } from './story/token-requests.js';
export type { TokenRequest } from './story/token-requests.js';
