import { createTransportFactory, parseMcpServers } from '@mcp-oauth/transport-factory/v2';
import { configuredServer } from './configured-server.js';
import { drive } from './host.js';
import { TEST_TOOL } from './mcp-calls.js';
import { connectV2 } from './v2-calls.js';
import { withPerson } from './with-person.js';

await drive(async ({ oauth, configuration, address }) => {
  const factory = createTransportFactory({ oauth });
  const config = configuredServer(parseMcpServers(configuration));
  const session = factory.session(config, address);
  const calls = await withPerson(session, () => connectV2(factory.create(config, address)));
  await withPerson(session, () => calls.listTools());
  await withPerson(session, () => calls.callTool(TEST_TOOL));
  await calls.close();
});
