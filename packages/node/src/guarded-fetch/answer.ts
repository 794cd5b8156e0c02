import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { EventSize, TotalSize } from './body-size.js';
import { boundedBody } from './bounded-body.js';
import { decoded } from './content-coding.js';
import type { Cutoff } from './cutoff.js';
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
    throw failed(`${host} answered with headers that are not valid`);
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
  if (status > 599) throw failed(`${request.url.host} answered with status ${status}`);
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
  const isEventStream = isEvents(answer, request);
  if (isEventStream) cutoff.limitTotal(undefined);
  return boundedBody(decoded(answer.body, answer.headers.get('content-encoding'), host), {
    cutoff,
    what: isEventStream ? `An event of ${host}` : `The answer of ${host}`,
    size: isEventStream ? new EventSize() : new TotalSize(),
    maxBytes: limits.maxBytes,
    idleMs: isEventStream ? limits.eventStreamIdleTimeoutMs : limits.idleTimeoutMs,
    failure: (error) => networkFailure(error, request.url, request.field),
  });
}

/** A server can't make a document unlimited by its type: the caller must have asked for events. */
function isEvents(answer: Answer, request: OutgoingRequest): boolean {
  const events = 'text/event-stream';
  const type = answer.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  const asked = request.headers.get('accept')?.toLowerCase().includes(events) === true;
  return asked && type === events && answer.status >= 200 && answer.status <= 299;
}
