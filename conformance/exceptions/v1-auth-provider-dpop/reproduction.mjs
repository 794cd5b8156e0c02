// The transport of SDK v1 with an authProvider: a token that is bound to a key goes out as a plain bearer token, without a
// proof, and the provider is told nothing about the request that it could sign. Exits with 1 once that has changed.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/** @type {import('node:http').IncomingHttpHeaders[]} */
const seen = [];
const server = createServer((request, response) => {
  seen.push(request.headers);
  response.writeHead(202).end();
});
await once(server.listen(0, '127.0.0.1'), 'listening');

const asked = new Set();
const provider = {
  redirectUrl: 'http://localhost:9876/callback',
  clientMetadata: { redirect_uris: ['http://localhost:9876/callback'] },
  tokens: () => ({ access_token: 'bound', token_type: 'DPoP' }),
};
// Whatever the transport looks for on its provider, by whatever name.
const authProvider = new Proxy(provider, {
  get(target, name) {
    asked.add(name);
    return target[name];
  },
});
const transport = new StreamableHTTPClientTransport(
  new URL(`http://127.0.0.1:${server.address().port}/mcp`),
  {
    authProvider,
  },
);
await transport.start();
await transport.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
await transport.close();
server.close();
server.closeAllConnections();

const [headers] = seen;
const isLimited =
  headers.authorization === 'Bearer bound' && headers.dpop === undefined && [...asked].join() === 'tokens';
console.log(`authorization: ${headers.authorization}`);
console.log(`dpop: ${headers.dpop ?? 'none'}`);
console.log(`asked of the provider: ${[...asked].join(', ')}`);
process.exitCode = isLimited ? 0 : 1;
