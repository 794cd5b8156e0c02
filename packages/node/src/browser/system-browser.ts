import type { ChildProcess } from 'node:child_process';
import { types } from 'node:util';
import type { Browser, BrowserOptions, BrowserResult } from '@mcp-oauth/core';
import { assertBrowsable, assertBrowsableOnWindows } from './browsable-url.js';
import { launch } from './launch.js';
import { surroundings, whyNobodyWouldSee } from './surroundings.js';

/** Openers that have nothing to open a page with give up within this. One that lasts longer is showing it. */
const settleMs = 1_000;

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
        : await outcome(opener, signal);
    } catch (error) {
      if (!isSpawnError(error)) throw error;
      return {
        opened: false,
        reason: `the system's opener could not be started (${error.code ?? 'unknown'})`,
      };
    }
  }
}

async function outcome(opener: ChildProcess, signal: AbortSignal | undefined): Promise<BrowserResult> {
  // It holds this process for as long as it is waited for, and no longer.
  opener.ref();
  try {
    const exitCode = await exit(opener, signal);
    if (exitCode === 'still running' || exitCode === 0) return { opened: true };
    return {
      opened: false,
      reason: `the system's opener gave up (exit code ${String(exitCode ?? 'none')})`,
    };
  } finally {
    opener.unref();
  }
}

function exit(
  opener: ChildProcess,
  signal: AbortSignal | undefined,
): Promise<number | null | 'still running'> {
  signal?.throwIfAborted();
  if (opener.exitCode !== null) return Promise.resolve(opener.exitCode);
  const settled = new AbortController();
  return new Promise<number | null | 'still running'>((resolve, reject) => {
    const timer = setTimeout(resolve, settleMs, 'still running').unref();
    settled.signal.addEventListener('abort', () => {
      clearTimeout(timer);
    });
    opener.once('exit', resolve);
    // Stays for good: an error without a listener would end the process.
    opener.on('error', reject);
    const abort = () => {
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', abort, { signal: settled.signal });
  }).finally(() => {
    settled.abort();
  });
}

function isSpawnError(error: unknown): error is NodeJS.ErrnoException {
  return types.isNativeError(error) && 'syscall' in error && String(error.syscall).startsWith('spawn');
}
