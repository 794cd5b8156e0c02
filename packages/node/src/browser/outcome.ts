import type { ChildProcess } from 'node:child_process';
import type { BrowserResult } from '@mcp-oauth/core';

/** Openers that have nothing to open a page with give up within this. One that lasts longer is showing it. */
const settleMs = 1_000;

/** What came of an opener that was just started. Rejects where it could not be. */
export async function outcomeOf(
  opener: ChildProcess,
  signal: AbortSignal | undefined,
): Promise<BrowserResult> {
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
  const settled = new AbortController();
  return new Promise<number | null | 'still running'>((resolve, reject) => {
    const abort = () => {
      reject(signal?.reason as Error);
    };
    // Stays for good: an error without a listener would end the process.
    opener.on('error', reject);
    opener.once('exit', resolve);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { signal: settled.signal });
    const timer = setTimeout(resolve, settleMs, 'still running').unref();
    settled.signal.addEventListener('abort', () => {
      clearTimeout(timer);
    });
  }).finally(() => {
    settled.abort();
  });
}
