import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '@mcp-oauth/core';
import type { TokenStore } from '@mcp-oauth/core';
import { fileKeys, keychainKeys } from '@mcp-oauth/storage-encrypted';
import type { KeyRing, KeySource } from '@mcp-oauth/storage-encrypted';
import { inject, injectable } from 'inversify';
import { ActivityLog } from './activity-log.js';
import { windowOptionsIdentifier } from './service-identifiers.js';
import type { WindowOptions } from './window-options.js';

/** The name that the person sees in their keychain. */
const SERVICE = 'mcp-oauth desktop example';

/**
 * The key of the database: in the keychain of the system, and where there is none in a file beside the database. What
 * was chosen first stays, since the other place does not have the key.
 */
@injectable()
export class DatabaseKeys implements KeySource {
  readonly #keyInFile: boolean;
  readonly #path: string;
  readonly #log: ActivityLog;

  constructor(
    @inject(windowOptionsIdentifier) { keyInFile, dataDirectory }: WindowOptions,
    @inject(ActivityLog) log: ActivityLog,
  ) {
    this.#keyInFile = keyInFile;
    this.#path = join(dataDirectory, 'tokens.key');
    this.#log = log;
  }

  async load(store: TokenStore): Promise<KeyRing> {
    if (this.#keyInFile || (await exists(this.#path))) return this.#fromFile(store);
    try {
      const ring = await keychainKeys({ service: SERVICE }).load(store);
      this.#log.note(`the key of the database is in the keychain, as "${SERVICE}"`);
      return ring;
    } catch (error) {
      // A keychain that is there and refuses is another matter: unlocked, it has the key.
      if (!(error instanceof StoreError) || error.kind !== 'misconfigured') throw error;
      return await this.#insteadOfKeychain(store, error);
    }
  }

  async #insteadOfKeychain(store: TokenStore, noKeychain: StoreError): Promise<KeyRing> {
    try {
      return await this.#fromFile(store);
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== 'key_unavailable') throw error;
      throw new StoreError(
        'key_unavailable',
        `The database of tokens is encrypted, and its key is not at hand. ${noKeychain.message} If the key is in a ` +
          `keychain, start this from the desktop session that has it; if it was in ${this.#path}, restore that ` +
          'file. No login was lost.',
        { cause: error },
      );
    }
  }

  async #fromFile(store: TokenStore): Promise<KeyRing> {
    const ring = await fileKeys(this.#path, { create: true }).load(store);
    this.#log.note(`the key of the database is in the file ${this.#path}: who reads both reads the logins`);
    if (!this.#keyInFile) this.#log.note('(no keychain is here, or none was when that file was made)');
    return ring;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
