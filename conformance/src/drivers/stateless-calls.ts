import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { McpCalls } from './mcp-calls.js';

/**
 * Requests of the 2026-07-28 revision over a transport of SDK v1, whose client begins every connection with an
 * `initialize` that this revision has no more.
 */
export class StatelessCalls implements McpCalls {
  readonly #transport: Transport;
  readonly #wire: string;
  readonly #waiting = new Map<number, (message: object) => void>();
  #lastId = 0;

  private constructor(transport: Transport, wire: string) {
    this.#transport = transport;
    this.#wire = wire;
    transport.onmessage = (message) => {
      if ('id' in message && typeof message.id === 'number') this.#waiting.get(message.id)?.(message);
    };
  }

  static async connect(transport: Transport, wire: string): Promise<StatelessCalls> {
    const calls = new StatelessCalls(transport, wire);
    await transport.start();
    transport.setProtocolVersion?.(wire);
    await calls.#request('server/discover');
    return calls;
  }

  async listTools(): Promise<void> {
    await this.#request('tools/list');
  }

  async callTool(name: string): Promise<void> {
    await this.#request('tools/call', { name, arguments: {} });
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #request(method: string, params: Record<string, unknown> = {}): Promise<void> {
    const id = ++this.#lastId;
    const answer = new Promise<object>((resolve) => this.#waiting.set(id, resolve));
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': this.#wire,
      'io.modelcontextprotocol/clientInfo': { name: 'mcp-oauth-conformance', version: '0.1.0' },
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    try {
      await this.#transport.send({ jsonrpc: '2.0', id, method, params: { ...params, _meta } });
      const message = await answer;
      if ('error' in message) throw new Error(`${method} was answered by ${JSON.stringify(message.error)}.`);
    } finally {
      this.#waiting.delete(id);
    }
  }
}
