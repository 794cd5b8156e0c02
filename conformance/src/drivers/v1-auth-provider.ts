import {
  createTransportFactory,
  CredentialsRenewedError,
  parseMcpServers,
} from '@mcp-oauth/transport-factory';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { configuredServer } from './configured-server.js';
import { drive } from './host.js';
import { TEST_TOOL } from './mcp-calls.js';
import type { McpCalls } from './mcp-calls.js';
import { ownCallback } from './own-callback.js';
import { connectV1 } from './v1-calls.js';
import { repeated } from './repeated.js';

await drive(async ({ oauth, url, configuration, address, wire }) => {
  const callback = ownCallback();
  const factory = createTransportFactory({ oauth });
  const config = configuredServer(parseMcpServers(configuration));
  const authProvider = factory.getOAuthProvider(config, { ...address, ...callback });
  let transport: StreamableHTTPClientTransport | undefined;
  const logIn = async (): Promise<void> => {
    await transport?.finishAuth(await authProvider.authorizationCode(callback.taken()));
  };
  const login = { logIn, asked: UnauthorizedError, renewed: CredentialsRenewedError };
  // A transport that has failed to start can't be started again.
  const connect = async (): Promise<McpCalls> => {
    await transport?.close();
    transport = new StreamableHTTPClientTransport(url, { authProvider });
    return await connectV1(transport, wire);
  };
  const calls = await repeated(connect, login);
  await repeated(() => calls.listTools(), login);
  await repeated(() => calls.callTool(TEST_TOOL), login);
  await calls.close();
});
