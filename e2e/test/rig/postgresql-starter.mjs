import { startPostgresql } from '@mcp-oauth/e2e/postgresql';

const server = await startPostgresql();
console.log(server.connectionString);
process.stdin.once('data', async () => {
  await server.stop();
  console.log('stopped');
});
