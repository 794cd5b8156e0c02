export { parseMcpServers } from './configuration/parse-mcp-servers.js';
export type { McpServers, ParseOptions } from './configuration/parse-mcp-servers.js';
export type {
  AuthConfig,
  HttpServerConfig,
  McpServerConfig,
  StdioServerConfig,
} from './configuration/schema.js';
export { CredentialsRenewedError } from './oauth-provider/credentials-renewed-error.js';
export { SessionOAuthProvider } from './oauth-provider/session-oauth-provider.js';
export type { SessionOAuthProviderOptions } from './oauth-provider/session-oauth-provider.js';
export type {
  ProviderAddress,
  TransportAddress,
  TransportFactoryOptions,
} from './transport/configured-transports.js';
export { createTransportFactory, TransportFactory } from './v1/transport-factory.js';
