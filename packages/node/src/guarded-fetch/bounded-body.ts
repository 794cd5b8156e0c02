import type { Readable } from 'node:stream';
import { LimitExceededError } from '@mcp-oauth/core';
import type { BodySize } from './body-size.js';
import type { Cutoff } from './cutoff.js';

interface BodyBounds {
  readonly cutoff: Cutoff;
  /** What is too large if it is, for the message. */
  readonly what: string;
  readonly size: BodySize;
  readonly maxBytes: number;
  readonly idleMs: number | undefined;
  /** The error that a reader gets for one of the network. */
  readonly failure: (error: unknown) => Error;
}

/** Reads from `source` what is asked for, and no more, until it is too much or takes too long. */
export function boundedBody(source: Readable, bounds: BodyBounds): ReadableStream<Uint8Array> {
  const { cutoff, what, size, maxBytes, idleMs, failure } = bounds;
  const { signal } = cutoff;
  const pieces: AsyncIterator<Uint8Array, undefined> = source.iterator();

  async function next(): Promise<Uint8Array | undefined> {
    try {
      // Counted only while a reader waits: one that takes its time is no fault of the server.
      cutoff.limitStep(idleMs, 'between two pieces');
      const { value } = await cutoff.race(pieces.next());
      cutoff.limitStep(undefined, '');
      return value;
    } catch (error) {
      throw signal.aborted ? signal.reason : failure(error);
    }
  }

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const abort = (): void => controller.error(signal.reason);
        signal.addEventListener('abort', abort, { once: true });
      },
      async pull(controller) {
        try {
          const piece = await next();
          if (piece === undefined) {
            cutoff.finish();
            controller.close();
            return;
          }
          if (size.add(piece) > maxBytes) throw new LimitExceededError(what, `${maxBytes} bytes`);
          // A copy: the piece may lie in memory that Node shares, and a reader may transfer what it gets.
          controller.enqueue(new Uint8Array(piece));
        } catch (error) {
          cutoff.end(error);
          throw error;
        }
      },
      cancel(reason) {
        cutoff.end(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
