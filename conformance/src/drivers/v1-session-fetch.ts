import { createTransportFactory } from '@mcp-oauth/transport-factory';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { drive } from './host.js';
import { TEST_TOOL } from './mcp-calls.js';
import { connectV1 } from './v1-calls.js';
import { withPerson } from './with-person.js';

await drive(async ({ oauth, url, config, settings, wire }) => {
  const factory = createTransportFactory({ oauth });
  const session = settings.grant ? oauth.session({ resource: url }, settings) : factory.session(config);
  const newTransport = () =>
    settings.grant
      ? new StreamableHTTPClientTransport(url, { fetch: session.fetch })
      : factory.create(config);
  const calls = await withPerson(session, () => connectV1(newTransport(), wire));
  await withPerson(session, () => calls.listTools());
  await withPerson(session, () => calls.callTool(TEST_TOOL));
  await calls.close();
});
