// Starts when its input ends, so that many begin at the same moment, and prints the id of the key it wrote with.
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { encrypted, fileKeys } from '@mcp-oauth/storage-encrypted';

const [directory, path, id] = process.argv.slice(2);
process.stdout.write('ready\n');
for await (const _ of process.stdin);
const store = encrypted(new FileTokenStore({ directory }), fileKeys(path, { create: true }));
const result = await store.compareAndSet({ partition: 'owner_1', id }, null, new TextEncoder().encode(id));
process.stdout.write(`${result.ok}\n`);
await store.close();
