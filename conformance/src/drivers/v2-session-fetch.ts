import { createTransportFactory } from '@mcp-oauth/transport-factory/v2';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { drive } from './host.js';
import { TEST_TOOL } from './mcp-calls.js';
import { connectV2 } from './v2-calls.js';
import { withPerson } from './with-person.js';

await drive(async ({ oauth, url, config, settings }) => {
  const factory = createTransportFactory({ oauth });
  const session = settings.grant ? oauth.session({ resource: url }, settings) : factory.session(config);
  const newTransport = () =>
    settings.grant
      ? new StreamableHTTPClientTransport(url, { fetch: session.fetch })
      : factory.create(config);
  const calls = await withPerson(session, () => connectV2(newTransport()));
  await withPerson(session, () => calls.listTools());
  await withPerson(session, () => calls.callTool(TEST_TOOL));
  await calls.close();
});
