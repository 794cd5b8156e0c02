import { types } from 'node:util';
import type { Browser, BrowserOptions, BrowserResult } from '@mcp-oauth/core';
import { assertBrowsable, assertBrowsableOnWindows } from './browsable-url.js';
import { launch } from './launch.js';
import { outcomeOf } from './outcome.js';
import { surroundings, whyNobodyWouldSee } from './surroundings.js';

/**
 * The browser that the person at this machine uses.
 *
 * Says that it can't in CI, over SSH, without a display, and where the opener fails. Rejects with `UnsafeUrlError` for
 * anything but https, or http on loopback. The address, and with it the `state`, can be seen in the list of processes
 * while the opener runs; the verifier is no part of it.
 */
export class SystemBrowser implements Browser {
  async open(url: URL, { signal }: BrowserOptions = {}): Promise<BrowserResult> {
    signal?.throwIfAborted();
    const host = surroundings();
    assertBrowsable(url);
    if (host.platform === 'win32' || host.wsl) assertBrowsableOnWindows(url);
    const reason = whyNobodyWouldSee(host);
    if (reason !== undefined) return { opened: false, reason };
    try {
      const opener = await launch(url.href, host);
      return opener === undefined
        ? { opened: false, reason: 'there is no xdg-open' }
        : await outcomeOf(opener, signal);
    } catch (error) {
      if (!isSpawnError(error)) throw error;
      return {
        opened: false,
        reason: `the system's opener could not be started (${error.code ?? 'unknown'})`,
      };
    }
  }
}

function isSpawnError(error: unknown): error is NodeJS.ErrnoException {
  return types.isNativeError(error) && 'syscall' in error && String(error.syscall).startsWith('spawn');
}
