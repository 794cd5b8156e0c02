import { createTransportFactory, parseMcpServers } from '@mcp-oauth/transport-factory';
import { configuredServer } from './configured-server.js';
import { drive } from './host.js';
import { TEST_TOOL } from './mcp-calls.js';
import { connectV1 } from './v1-calls.js';
import { withPerson } from './with-person.js';

await drive(async ({ oauth, configuration, address, wire }) => {
  const factory = createTransportFactory({ oauth });
  const config = configuredServer(parseMcpServers(configuration));
  const session = factory.session(config, address);
  const calls = await withPerson(session, () => connectV1(factory.create(config, address), wire));
  await withPerson(session, () => calls.listTools());
  await withPerson(session, () => calls.callTool(TEST_TOOL));
  await calls.close();
});
