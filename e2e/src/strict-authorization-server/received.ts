import type { ReceivedRequest } from '../http/message.js';

const keptRequests = 1_000;

/** Every request of clients to the letter, for a server that plays an attacker: what is not in here was never sent to it. */
export class Received {
  readonly #texts: string[] = [];

  add({ method, url, headers, body }: ReceivedRequest): void {
    // Losing one would prove something that isn't so.
    if (this.#texts.length >= keptRequests)
      throw new Error(`More than ${String(keptRequests)} requests came.`);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
    this.#texts.push([`${method} ${url.href}`, ...lines, '', body].join('\n'));
  }

  texts(): readonly string[] {
    return [...this.#texts];
  }
}
