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
  client_secret?: string;
  issuer?: string;
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
    token_endpoint_auth_methods_supported?: string[];
  };
  resourceMetadata?: { resource: string; authorization_servers: string[] };
}
