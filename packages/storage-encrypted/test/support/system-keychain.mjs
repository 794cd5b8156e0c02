// Writes and reads a record with a key from the keychain of the system, and prints what came of it as JSON.
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { MemoryTokenStore } from '@mcp-oauth/core';
import { encrypted, keychainKeys } from '@mcp-oauth/storage-encrypted';

const [directory, id = 'id'] = process.argv.slice(2);
const inner = directory === undefined ? new MemoryTokenStore() : new FileTokenStore({ directory });
const store = encrypted(inner, keychainKeys({ service: 'mcp-oauth-test' }));
const say = (told) => process.stdout.write(`${JSON.stringify(told)}\n`);
const at = { partition: 'owner_1', id };
try {
  const result = await store.compareAndSet(at, null, new TextEncoder().encode(id));
  const listed = await store.list(at.partition);
  say({ ok: result.ok, read: listed.map(({ value }) => new TextDecoder().decode(value)) });
} catch (error) {
  if (error?.code !== 'store_failed') throw error;
  say({ kind: error.kind, message: error.message });
}
