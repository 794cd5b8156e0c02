import type { Readable } from 'node:stream';
import { LimitExceededError } from '@mcp-oauth/core';
import type { Dispatcher } from 'undici';
import { decoded } from './content-coding.js';
import type { Cutoff } from './cutoff.js';
import { EventSize } from './event-size.js';
import type { Limits } from './guarded-fetch-options.js';
import { failed, networkFailure } from './network-failure.js';
import type { OutgoingRequest } from './outgoing-request.js';

const WITHOUT_BODY = [204, 205, 304];

/** What came back for one request, its body unread. */
export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly body: Readable;
}

/** @throws {TypeError} for headers that no `Response` can hold. */
export function answerOf(data: Dispatcher.ResponseData, host: string): Answer {
  // Without a listener, a connection that breaks before anyone reads would end the process.
  data.body.on('error', () => undefined);
  const headers = new Headers();
  try {
    for (const [name, value] of Object.entries(data.headers)) {
      for (const one of Array.isArray(value) ? value : [value ?? '']) headers.append(name, one);
    }
  } catch {
    data.body.destroy();
    throw failed(`${host} answered with headers that are not valid`, undefined);
  }
  const statusText = /^[\t\x20-\x7e]*$/.test(data.statusText) ? data.statusText : '';
  return { status: data.statusCode, statusText, headers, body: data.body };
}

/**
 * The answer as the runtime's own `Response`, which is what callers test for.
 *
 * @throws {LimitExceededError | TypeError}
 */
export function responseOf(
  answer: Answer,
  request: OutgoingRequest,
  isRedirected: boolean,
  limits: Limits,
  cutoff: Cutoff,
): Response {
  const { status, statusText, headers } = answer;
  if (status > 599) throw failed(`${request.url.host} answered with status ${status}`, undefined);
  const body = bodyOf(answer, request, limits, cutoff);
  const response = new Response(body, { status, statusText, headers });
  // The constructor leaves both empty, and the MCP SDK resolves the Location of a redirect by them.
  const { href, hash } = request.url;
  const url = hash === '' ? href : href.slice(0, -hash.length);
  return Object.defineProperties(response, { url: { value: url }, redirected: { value: isRedirected } });
}

function bodyOf(
  answer: Answer,
  request: OutgoingRequest,
  limits: Limits,
  cutoff: Cutoff,
): ReadableStream<Uint8Array> | null {
  if (request.method === 'HEAD' || WITHOUT_BODY.includes(answer.status)) {
    answer.body.destroy();
    cutoff.finish();
    return null;
  }
  const { host } = request.url;
  const source = decoded(answer.body, answer.headers.get('content-encoding'), host);
  const isEventStream = isEvents(answer, request);
  if (isEventStream) cutoff.limitTotal(undefined);
  const idleMs = isEventStream ? limits.eventStreamIdleTimeoutMs : limits.idleTimeoutMs;
  const size = isEventStream ? new EventSize() : new TotalSize();
  const pieces = source.iterator({ destroyOnReturn: true });
  const ended = (error: unknown): unknown => {
    cutoff.end(error);
    return error;
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        cutoff.signal.addEventListener('abort', () => controller.error(cutoff.signal.reason), { once: true });
      },
      async pull(controller) {
        cutoff.limitStep(idleMs, 'between two pieces');
        const next = await cutoff.race<IteratorResult<Uint8Array>>(pieces.next()).catch((error: unknown) => {
          throw ended(
            cutoff.signal.aborted ? cutoff.signal.reason : networkFailure(error, request.url, request.field),
          );
        });
        cutoff.limitStep(undefined, '');
        if (next.done) {
          cutoff.finish();
          controller.close();
          return;
        }
        if (size.add(next.value) > limits.maxBytes) {
          const what = isEventStream ? `An event of ${host}` : `The answer of ${host}`;
          throw ended(new LimitExceededError(what, `${limits.maxBytes} bytes`));
        }
        // A copy: the piece may be a part of memory that Node shares, and a reader may transfer what it gets.
        controller.enqueue(new Uint8Array(next.value));
      },
      cancel(reason) {
        cutoff.end(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** A server can't make a document unlimited by its type: the caller must have asked for events. */
function isEvents(answer: Answer, request: OutgoingRequest): boolean {
  const named = 'text/event-stream';
  const type = answer.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  const asked = request.headers.get('accept')?.toLowerCase().includes(named) === true;
  return asked && type === named && answer.status >= 200 && answer.status <= 299;
}

class TotalSize {
  #bytes = 0;

  add(piece: Uint8Array): number {
    return (this.#bytes += piece.byteLength);
  }
}
