import { readFileSync } from 'node:fs';
import { errnoOf } from './errno.js';

/** What Linux says of a process in `/proc/<pid>/stat`, as far as it matters here (proc(5)). */
export interface ProcStat {
  readonly pid: number;
  /** One letter: `R` running, `S` sleeping, `Z` zombie, `X` dead … */
  readonly state: string;
  readonly processGroup: number;
  /** The process group in the foreground of its terminal; -1 without a terminal. */
  readonly foregroundGroup: number;
  /** In clock ticks since the machine started. As text, since it is only ever compared. */
  readonly startTime: string;
}

/** `undefined` where there is no such process, or none that this one may see. */
export function readProcStat(pid: number | 'self'): ProcStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
  return parseProcStat(text);
}

export function parseProcStat(text: string): ProcStat | undefined {
  // The second field is the program's own name in parentheses, and may hold spaces and parentheses itself.
  const parsed = /^(\d+) \(.*\) (.*)$/s.exec(text.trimEnd());
  const fields = parsed?.[2]?.split(' ');
  const [state, processGroup, foregroundGroup, startTime] = [
    fields?.[0],
    fields?.[2],
    fields?.[5],
    fields?.[19],
  ];
  if (state === undefined || startTime === undefined || !/^\d+$/.test(startTime)) return undefined;
  return {
    pid: Number(parsed?.[1]),
    state,
    processGroup: Number(processGroup),
    foregroundGroup: Number(foregroundGroup),
    startTime,
  };
}

/** Whether a file is not there or not for us to read; ESRCH is what /proc says of a process that ends meanwhile. */
export function isUnreadable(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ESRCH', 'EINVAL'].includes(errnoOf(error) ?? '');
}
