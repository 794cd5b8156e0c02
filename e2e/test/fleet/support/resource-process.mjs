// What an MCP server looks like to a token, in a process of its own: it tells where its authorization server is
// (RFC 9728), refuses tokens that are not good now and answers the others. It does nothing else, so that a thousand
// callers at once measure the client, and the authorization server does not wait behind them.
import { createServer } from 'node:http';

const [issuer, introspectionEndpoint] = process.argv.slice(2);
const metadata = '/.well-known/oauth-protected-resource';

/** When each token ends, as the authorization server has said. A token that is good once is so until then. */
const known = new Map();

async function endOf(token) {
  if (!known.has(token)) known.set(token, introspected(token));
  return known.get(token);
}

async function introspected(token) {
  const response = await fetch(introspectionEndpoint, {
    method: 'POST',
    body: new URLSearchParams({ token }),
  });
  const { active, exp } = await response.json();
  return active ? exp * 1_000 : 0;
}

// Bursts come after almost as long as a connection lives by default, and a call may not be sent twice.
const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
  request.resume();
  if (request.url === `${metadata}/mcp`) {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ resource: `${origin}/mcp`, authorization_servers: [issuer] }));
    return;
  }
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token !== undefined && (await endOf(token)) > Date.now()) {
    response.setHeader('content-type', 'application/json').end('{"jsonrpc":"2.0","id":1,"result":{}}');
    return;
  }
  response.writeHead(401, { 'www-authenticate': `Bearer resource_metadata="${origin}${metadata}/mcp"` });
  response.end();
});

let origin;
process.on('disconnect', () => process.exit());
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => {
  origin = `http://127.0.0.1:${server.address().port}`;
  process.send(origin);
});
