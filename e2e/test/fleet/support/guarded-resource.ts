import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StrictAuthorizationServer } from '@mcp-oauth/e2e';

export interface GuardedResource {
  /** What clients name as their MCP server. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * What an MCP server looks like to a token: it tells where its authorization server is (RFC 9728), refuses tokens that
 * are not good now and answers the others. It does nothing else, so that a thousand callers at once measure the client.
 */
export async function startGuardedResource(
  issuer: Pick<StrictAuthorizationServer, 'issuer' | 'accepts'>,
): Promise<GuardedResource> {
  const server = createServer((request, response) => {
    request.resume();
    const metadata = '/.well-known/oauth-protected-resource';
    if (request.url === `${metadata}/mcp`) {
      const body = { resource: `${origin}/mcp`, authorization_servers: [issuer.issuer] };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
      return;
    }
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token !== undefined && issuer.accepts(token)) {
      response.setHeader('content-type', 'application/json').end('{"jsonrpc":"2.0","id":1,"result":{}}');
      return;
    }
    response.writeHead(401, {
      'www-authenticate': `Bearer resource_metadata="${origin}${metadata}/mcp"`,
    });
    response.end();
  });
  server.maxHeadersCount = 100;
  await new Promise<void>((resolve) =>
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, resolve),
  );
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    url: `${origin}/mcp`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
