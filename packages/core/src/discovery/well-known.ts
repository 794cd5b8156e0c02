/** Where the metadata of an MCP server may lie, in this order (RFC 9728 section 3.1; MCP: at the path, then at the root). */
export function protectedResourceUrls(resource: URL): readonly URL[] {
  const suffix = resource.pathname === '/' ? '' : resource.pathname;
  const atRoot = new URL('/.well-known/oauth-protected-resource', resource.origin);
  if (suffix === '' && resource.search === '') return [atRoot];
  const atPath = new URL(`/.well-known/oauth-protected-resource${suffix}${resource.search}`, resource.origin);
  return [atPath, atRoot];
}

/** Where the metadata of an issuer may lie, in the order of the MCP specification (RFC 8414 section 3.1, OIDC Discovery 4). */
export function authorizationServerUrls(issuer: URL): readonly URL[] {
  const at = (path: string): URL => new URL(path, issuer.origin);
  const path = issuer.pathname.replace(/\/$/, '');
  if (path === '')
    return [at('/.well-known/oauth-authorization-server'), at('/.well-known/openid-configuration')];
  return [
    at(`/.well-known/oauth-authorization-server${path}`),
    at(`/.well-known/openid-configuration${path}`),
    at(`${path}/.well-known/openid-configuration`),
  ];
}
