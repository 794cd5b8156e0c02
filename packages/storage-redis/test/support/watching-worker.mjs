import { RedisTokenStore } from '@mcp-oauth/storage-redis';
import { Redis } from 'ioredis';

const [url, how] = process.argv.slice(2);
const client = new Redis(url);
client.on('error', () => undefined);
const store = new RedisTokenStore({ client });
const unwatch = await store.watch({ partition: 'owner', id: 'credentials' }, () => undefined);
console.log('watching');
if (how === 'lost') await new Promise((resolve) => client.once('close', resolve));
if (how === 'close') await store.close();
else await unwatch();
client.disconnect();
