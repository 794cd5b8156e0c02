/** Registered by hand, as a public client (RFC 6749 section 2.1). */
export const clientId = 'refresh-contract';

/** Where the resource says which authorization server guards it (RFC 9728 section 3.1). */
export const resourceMetadataPath = '/.well-known/oauth-protected-resource/mcp';

/** RFC 8414 section 2. */
export function serverMetadata(issuer: string): Readonly<Record<string, unknown>> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    revocation_endpoint: `${issuer}/revoke`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_methods_supported: ['none'],
    revocation_endpoint_auth_methods_supported: ['none'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  };
}
