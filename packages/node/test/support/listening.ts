import { afterEach } from '@jest/globals';
import type { ListeningCallback } from '@mcp-oauth/core';
import { LoopbackCallbackListener } from '@mcp-oauth/node';
import { freePort } from './sockets.js';

const opened: ListeningCallback[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((listening) => listening.close()));
});

export interface Listening {
  readonly listening: ListeningCallback;
  readonly port: number;
  readonly uri: string;
}

/** Listens on a free port of `host`, and stops after the test. */
export async function listenOn(host = 'localhost', signal?: AbortSignal): Promise<Listening> {
  const port = await freePort();
  const uri = `http://${host}:${String(port)}/callback`;
  const listening = await new LoopbackCallbackListener().listen({
    redirectUris: [uri],
    anyPort: false,
    ...(signal && { signal }),
  });
  opened.push(listening);
  return { listening, port, uri };
}

/** Whether a promise is still unsettled after everything that is under way has run. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  const later = new Promise((resolve) => setTimeout(resolve, 20, pending));
  return (await Promise.race([promise, later])) === pending;
}
