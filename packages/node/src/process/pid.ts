import { errnoOf } from './errno.js';

const largestPid = 2 ** 31 - 1;

/** 0 and negative numbers name whole groups of processes, so they are none. */
export function parsePid(text: string | undefined): number | undefined {
  if (text === undefined || !/^[1-9]\d{0,9}$/.test(text)) return undefined;
  const pid = Number(text);
  return pid <= largestPid ? pid : undefined;
}

export function processExists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ESRCH') return false;
    // Somebody else's process: it is there.
    if (code === 'EPERM') return true;
    throw error;
  }
}
