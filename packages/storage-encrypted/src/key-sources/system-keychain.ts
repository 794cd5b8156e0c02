import type * as keyring from '@napi-rs/keyring';
import { StoreError } from '@mcp-oauth/core';

/** Keeps short texts in secret: the keychain of the system, or one that the host has (VS Code, Electron …). */
export interface Keychain {
  /** `null` if there is none of that name. Rejects if the keychain is locked or can't be asked. */
  get(name: string): Promise<string | null>;
  set(name: string, secret: string): Promise<void>;
  delete(name: string): Promise<void>;
}

type KeyringModule = typeof keyring;

/** macOS Keychain, Windows Credential Manager or, on Linux, the Secret Service of the desktop (GNOME Keyring, KWallet). */
export function systemKeychain(service: string): Keychain {
  const withEntry = async <T>(name: string, work: (entry: keyring.AsyncEntry) => Promise<T>): Promise<T> => {
    const { AsyncEntry } = await loadModule();
    const entry = attempt(() => {
      // Not the fallback to the kernel's keyring: what is in there is gone after a restart, and every login with it.
      return new AsyncEntry(service, name, { linux: { store: 'secret-service' } });
    }, unreachable);
    try {
      return await work(entry);
    } catch (error) {
      throw isNativeError(error) ? refused(service, error) : error;
    }
  };
  return {
    get: (name) => withEntry(name, (entry) => entry.getPassword()),
    set: (name, secret) => withEntry(name, (entry) => entry.setPassword(secret)),
    delete: async (name) => {
      await withEntry(name, (entry) => entry.deletePassword());
    },
  };
}

async function loadModule(): Promise<KeyringModule> {
  try {
    return await import('@napi-rs/keyring');
  } catch (error) {
    // The second is its own error where its native part for this platform is not installed.
    if (!isNativeError(error) && !String(error).includes('native binding')) throw error;
    throw new StoreError(
      'misconfigured',
      'The keychain of this system needs the package @napi-rs/keyring, which could not be loaded. Install it: ' +
        'npm install @napi-rs/keyring',
    );
  }
}

function attempt<T>(work: () => T, asError: (error: NativeError) => StoreError): T {
  try {
    return work();
  } catch (error) {
    throw isNativeError(error) ? asError(error) : error;
  }
}

interface NativeError {
  readonly code: string;
  readonly message: string;
}

function isNativeError(error: unknown): error is NativeError {
  // Not instanceof: the error may come from another realm.
  if (typeof error !== 'object' || error === null || !('code' in error) || !('message' in error))
    return false;
  return typeof error.code === 'string' && typeof error.message === 'string';
}

function unreachable(error: NativeError): StoreError {
  return new StoreError(
    'misconfigured',
    `The keychain of this system can't be used: ${reason(error)}. On Linux it is the Secret Service of a desktop ` +
      'session (GNOME Keyring, KWallet). Without one, take the key from a file or from the environment.',
  );
}

function refused(service: string, error: NativeError): StoreError {
  return new StoreError(
    'key_unavailable',
    `The keychain of this system did not give access to the entries of "${service}": ${reason(error)}. Unlock it, or ` +
      'allow the access, and try again. No stored record was lost.',
  );
}

function reason({ message }: NativeError): string {
  return message
    .replace(/[^\x20-\x7e]/g, ' ')
    .replace(/\.+$/, '')
    .slice(0, 160);
}
