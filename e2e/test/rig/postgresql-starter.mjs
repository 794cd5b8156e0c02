import { startPostgresql } from '@mcp-oauth/e2e/postgresql';

const server = await startPostgresql();
console.log(server.connectionString);
setInterval(() => undefined, 60_000);
