import type { Keychain } from '@mcp-oauth/storage-encrypted';

/** A keychain in memory, which can be locked, emptied, and made to forget. */
export class MemoryKeychain implements Keychain {
  readonly entries = new Map<string, string>();
  forgetful = false;

  get(name: string): Promise<string | null> {
    return Promise.resolve(this.entries.get(name) ?? null);
  }

  async set(name: string, secret: string): Promise<void> {
    // As slow as a real one, so that those who begin together meet.
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (!this.forgetful) this.entries.set(name, secret);
  }

  delete(name: string): Promise<void> {
    this.entries.delete(name);
    return Promise.resolve();
  }
}
