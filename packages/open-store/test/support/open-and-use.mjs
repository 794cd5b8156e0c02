// Opens a token store by its address, writes and reads a record, and prints what it read or why it could not.
import { randomBytes } from 'node:crypto';
import { openTokenStore } from '@mcp-oauth/open-store';

const [address, keys] = process.argv.slice(2);
const at = { partition: 'owner_1', id: 'one' };
try {
  const options = {};
  if (keys !== 'none') {
    const { keychainKeys, keyRing } = await import('@mcp-oauth/storage-encrypted');
    options.keys = keys === 'ring' ? keyRing([{ id: 'k', key: randomBytes(32) }]) : keychainKeys();
  }
  const store = await openTokenStore(address, options);
  await store.compareAndSet(at, null, new TextEncoder().encode('it works'));
  process.stdout.write(`${new TextDecoder().decode((await store.get(at))?.value)}\n`);
  await store.close();
} catch (error) {
  process.stdout.write(`${error.name}: ${error.message}\n`);
}
