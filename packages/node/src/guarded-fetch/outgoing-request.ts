import type { UrlField } from './allowed-url.js';
import { ACCEPT_ENCODING } from './content-coding.js';

/** A request as it goes out, whole: a redirect may send it again. */
export interface OutgoingRequest {
  readonly url: URL;
  readonly field: UrlField;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | null;
}

/** These are about one connection, and are made for each. */
const OF_THE_CONNECTION = [
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** @throws {TypeError} with nothing of the request in it: the runtime's own error quotes a header, token and all. */
export async function outgoingRequest(url: URL, init: RequestInit): Promise<OutgoingRequest> {
  const request = readRequest(url, init);
  const body = request.body === null ? null : new Uint8Array(await request.arrayBuffer());
  const headers = new Headers(request.headers);
  for (const name of OF_THE_CONNECTION) headers.delete(name);
  for (const [name, value] of [
    ['accept', '*/*'],
    ['accept-encoding', ACCEPT_ENCODING],
    ['user-agent', 'mcp-oauth'],
  ] as const) {
    if (!headers.has(name)) headers.set(name, value);
  }
  return { url, field: 'url', method: request.method, headers, body };
}

function readRequest(url: URL, init: RequestInit): Request {
  try {
    return new Request(url, { ...init, redirect: 'manual', signal: null });
  } catch {
    throw new TypeError(`The request to ${url.host} has a method, a header or a body that can't be sent.`);
  }
}
