import type { Pool } from 'pg';
import { DeadlineError } from './postgres-failures.js';

export interface Bounds {
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

/** Sends one statement over a connection of the pool. Rejects as the driver does, or at the deadline or the abort. */
export async function sendStatement<Row extends object>(
  pool: Pool,
  text: string,
  values: readonly unknown[],
  bounds: Bounds,
): Promise<Row[]> {
  const connecting = pool.connect();
  const client = await within(bounds, connecting).catch((error: unknown) => {
    // A connection that comes too late goes back unused: nothing is written behind the back of who has given up.
    connecting.then(
      (late) => late.release(),
      () => undefined,
    );
    throw error;
  });
  client.on('error', ignore);
  let isUsable = false;
  try {
    const { rows } = await within(bounds, client.query<Row>(text, [...values]));
    isUsable = true;
    return rows;
  } finally {
    client.release(!isUsable);
    client.off('error', ignore);
  }
}

/** For the event of a lost connection, which would end the process if nobody listened. The statement rejects anyway. */
export function ignore(): void {
  // There is nothing else to do.
}

async function within<T>({ deadline, signal }: Bounds, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  const end = new Promise<never>((_, reject) => {
    abort = () => {
      reject(signal?.reason as Error);
    };
    // After a pause of this process the answer may lie there unread: it is read before `setImmediate`.
    const late = () => setImmediate(() => reject(new DeadlineError()));
    timer = setTimeout(late, Math.max(0, deadline - performance.now()));
    signal?.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work, end]);
  } finally {
    clearTimeout(timer);
    if (abort) signal?.removeEventListener('abort', abort);
  }
}
