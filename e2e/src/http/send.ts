import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { wait } from './clock.js';
import type { DropPoint, RefusalFault } from './faults.js';
import type { Reply } from './message.js';

export function sendReply(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(reply.body) });
  response.end(reply.body);
}

/** Sends as much of a reply as gets through before the connection is reset. */
export async function dropReply(
  response: ServerResponse,
  reply: Reply,
  at: DropPoint,
  signal: AbortSignal,
): Promise<void> {
  const { socket } = response;
  if (at !== 'before_headers') {
    response.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(reply.body) });
    response.flushHeaders();
    const half = Buffer.from(reply.body).subarray(0, Math.ceil(Buffer.byteLength(reply.body) / 2));
    if (at === 'mid_body') await new Promise((resolve) => response.write(half, resolve));
    // A reset overtakes what still waits in the client's receive buffer; it has to be read first.
    await wait(10, signal);
  }
  socket?.resetAndDestroy();
}

/** Answers for an endpoint that does nothing. `signal` ends what would last for ever. */
export async function answerWithFault(
  response: ServerResponse,
  fault: RefusalFault,
  signal: AbortSignal,
): Promise<void> {
  switch (fault.kind) {
    case 'reset':
      return dropReply(response, cutShort, fault.at, signal);
    case 'respond':
      sendReply(response, fault);
      return;
    case 'silent':
      await untilGone(response);
      return;
    case 'slow_body':
      return drip(response, fault.body, fault.everyMs, signal);
    case 'endless_body':
      return pour(response, fault.opening, fault.chunk);
  }
}

const cutShort: Reply = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: '{"token_type":"Bearer","expires_in":60,"scope":"mcp:tools"}',
};

/** Resolves when the reply was sent or the connection is gone. */
async function untilGone(response: ServerResponse): Promise<void> {
  if (!response.closed) await once(response, 'close');
}

async function drip(
  response: ServerResponse,
  body: string,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  for (const byte of Buffer.from(body)) {
    if (response.closed) return;
    response.write(Uint8Array.of(byte));
    await wait(everyMs, signal);
  }
  response.end();
}

async function pour(response: ServerResponse, opening: string, chunk: string): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write(opening);
  while (!response.closed) {
    if (!response.write(chunk)) await untilDrained(response);
  }
}

function untilDrained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
