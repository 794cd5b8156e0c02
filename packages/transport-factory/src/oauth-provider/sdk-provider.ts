import type { CurrentToken, DelegatedAuthorization } from '@mcp-oauth/core';

/** A token response with the issuer that both SDK majors stamp on it. */
export interface SdkTokens {
  access_token: string;
  token_type: string;
  scope?: string;
  /** Seconds. */
  expires_in?: number;
  refresh_token?: string;
  issuer?: string;
}

export interface SdkClientInformation {
  client_id: string;
}

export interface SdkClientMetadata {
  redirect_uris: string[];
  client_name?: string;
  scope?: string;
  [name: string]: unknown;
}

/** What `auth()` would have discovered. Where it is given, nothing else is looked up. */
export interface SdkDiscoveryState {
  authorizationServerUrl: string;
  authorizationServerMetadata: {
    issuer: string;
    authorization_endpoint: string;
    token_endpoint: string;
    response_types_supported: string[];
    code_challenge_methods_supported: string[];
    authorization_response_iss_parameter_supported?: boolean;
  };
  resourceMetadata?: { resource: string; authorization_servers: string[] };
}

/** @param isChecked Whether the response was checked here, so that the SDK, which gets a bare code, need not miss `iss`. */
export function discoveryStateOf(
  { server, resourceIndicator }: DelegatedAuthorization['discovered'],
  isChecked: boolean,
): SdkDiscoveryState {
  return {
    authorizationServerUrl: server.issuer,
    authorizationServerMetadata: {
      issuer: server.issuer,
      authorization_endpoint: server.authorization_endpoint ?? new URL('/authorize', server.issuer).href,
      token_endpoint: server.token_endpoint,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      ...(server.authorization_response_iss_parameter_supported && !isChecked
        ? { authorization_response_iss_parameter_supported: true }
        : {}),
    },
    ...(resourceIndicator === undefined
      ? {}
      : { resourceMetadata: { resource: resourceIndicator, authorization_servers: [server.issuer] } }),
  };
}

/** For an authorization URL that nobody gets to see: no server is known yet, and none is asked. */
export function unusedDiscoveryState(resource: string, issuer: string | undefined): SdkDiscoveryState {
  const authorizationServerUrl = issuer ?? new URL(resource).origin;
  return {
    authorizationServerUrl,
    authorizationServerMetadata: {
      issuer: authorizationServerUrl,
      authorization_endpoint: new URL('/authorize', resource).href,
      token_endpoint: new URL('/token', resource).href,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
    },
    resourceMetadata: { resource, authorization_servers: [authorizationServerUrl] },
  };
}

/** The issuer is stamped on it, or both SDKs would save it again, as if it were new. */
export function sdkTokens({ access_token, token_type, scope, expires_at, issuer }: CurrentToken): SdkTokens {
  return {
    access_token,
    token_type,
    issuer,
    ...(scope === undefined ? {} : { scope }),
    ...(expires_at === undefined
      ? {}
      : { expires_in: Math.max(0, Math.floor((expires_at - Date.now()) / 1_000)) }),
  };
}
