import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { AuthorizationCallback, ListeningCallback } from '@mcp-oauth/core';
import { answer, answerMalformed } from './answer.js';
import { AwaitedCallback } from './awaited-callback.js';
import { readCallback } from './callback-request.js';
import { limitIdleConnections } from './idle-connections.js';
import type { LoopbackRedirect } from './redirect-uri.js';

/** How long `close` waits for the last pages to leave. */
const flushMs = 250;

export class ListeningLoopback implements ListeningCallback {
  readonly redirectUri: string;
  readonly #redirect: LoopbackRedirect;
  readonly #servers: readonly Server[];
  readonly #signal: AbortSignal | undefined;
  readonly #awaited = new Map<string, AwaitedCallback>();
  readonly #unanswered = new Set<ServerResponse>();
  #ended: { readonly reason: unknown; readonly done: Promise<void> } | undefined;

  constructor(redirect: LoopbackRedirect, servers: readonly Server[], signal: AbortSignal | undefined) {
    this.redirectUri = redirect.uri;
    this.#redirect = redirect;
    this.#servers = servers;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#abort, { once: true });
    for (const server of servers) {
      limitIdleConnections(server);
      server.on('clientError', answerMalformed);
      server.on('request', (request, response) => {
        this.#receive(request, response);
      });
      server.on('error', (error: NodeJS.ErrnoException) => {
        // One connection that could not be accepted is no reason to stop waiting for the next.
        if (error.syscall !== 'accept') void this.#end(error);
      });
    }
  }

  response(state: string): Promise<AuthorizationCallback> {
    let awaited = this.#awaited.get(state);
    if (awaited === undefined || awaited.hasFailed) {
      awaited = new AwaitedCallback(state);
      this.#awaited.set(state, awaited);
      if (this.#ended !== undefined) awaited.abandon(this.#ended.reason);
    }
    return awaited.callback;
  }

  close(): Promise<void> {
    return this.#end(new DOMException('The callback listener was closed.', 'AbortError'));
  }

  readonly #abort = () => {
    void this.#end(this.#signal?.reason);
  };

  #receive(request: IncomingMessage, response: ServerResponse): void {
    this.#unanswered.add(response);
    response.once('close', () => this.#unanswered.delete(response));
    const read = readCallback(request, this.#redirect);
    if ('refused' in read) {
      answer(response, read.refused, 'ignored');
      return;
    }
    // All are compared, whichever matches, so that time tells nothing about any of them.
    const [match] = [...this.#awaited.values()].filter((awaited) => awaited.isFor(read.state));
    if (match === undefined) answer(response, 400, 'ignored');
    else match.arrive(read.url, response);
  }

  #end(reason: unknown): Promise<void> {
    this.#ended ??= { reason, done: this.#shutDown(reason) };
    return this.#ended.done;
  }

  async #shutDown(reason: unknown): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#abort);
    const closed = this.#servers.map((server) => once(server, 'close'));
    for (const server of this.#servers) server.close();
    for (const awaited of this.#awaited.values()) awaited.abandon(reason);
    const flushed = [...this.#unanswered].map((response) => once(response, 'close'));
    await Promise.race([Promise.all(flushed), delay(flushMs, undefined, { ref: false })]);
    // Browsers keep idle connections, and one of them would hold the process for as long as it likes.
    for (const server of this.#servers) server.closeAllConnections();
    await Promise.all(closed);
  }
}
