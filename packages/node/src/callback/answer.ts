import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { errnoOf } from '../process/errno.js';
import { contentSecurityPolicy, type Page, pages } from './pages.js';

/** How long a broken request may go on being sent before its connection is cut. */
const lingerMs = 1_000;

/** The same for every page. No CORS header among them: no other page may read or cause anything here. */
const headers = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  Connection: 'close',
};

/** Answers with one of the static pages and ends the connection. */
export function answer(response: ServerResponse, status: number, page: Page): void {
  const body = pages[page];
  response.writeHead(status, {
    ...headers,
    'Content-Length': body.byteLength,
    ...(status === 405 && { Allow: 'GET' }),
  });
  response.end(body);
}

/** Answers what is no HTTP request at all, or too large or too slow a one. */
export function answerMalformed(error: Error, socket: Duplex): void {
  // Whatever follows a broken request is read and dropped: closing over unread bytes would cut the answer off.
  if (socket.writableEnded) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const code = errnoOf(error);
  const status = code === 'HPE_HEADER_OVERFLOW' ? 431 : code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const lines = Object.entries({ ...headers, 'Content-Length': pages.ignored.byteLength });
  const head = lines.map(([name, value]) => `${name}: ${String(value)}\r\n`).join('');
  socket.write(`HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}\r\n${head}\r\n`);
  socket.end(pages.ignored);
  setTimeout(() => socket.destroy(), lingerMs).unref();
}
