import { startRedis } from '@mcp-oauth/e2e/redis';

const server = await startRedis();
console.log(server.url);
setInterval(() => undefined, 60_000);
