import { createOAuthClient, MemoryTokenStore, OAuthClientError } from '@mcp-oauth/core';
import type { AnyOAuthClientError, OAuthClient, OAuthClientOptions } from '@mcp-oauth/core';
import { ScriptedBrowser, startMcpServer } from '@mcp-oauth/e2e';
import type { RunningMcpServer, TokenIssuer } from '@mcp-oauth/e2e';
import { LoopbackCallbackListener } from '@mcp-oauth/node';

interface Closable {
  close(): Promise<void>;
}

/** Servers and hosts of one test, closed in the end. */
export class Scene {
  readonly browser = new ScriptedBrowser();
  readonly store = new MemoryTokenStore();
  readonly #running: Closable[] = [];

  keep<Part extends Closable>(part: Part): Part {
    this.#running.push(part);
    return part;
  }

  async mcpServer(...authorizationServers: readonly TokenIssuer[]): Promise<RunningMcpServer> {
    return this.keep(await startMcpServer({ authorizationServers }));
  }

  /** A host on one person's machine, who says yes. */
  desktop(options: Partial<OAuthClientOptions> = {}): OAuthClient {
    return this.keep(
      createOAuthClient({
        store: this.store,
        client: { client_name: 'Test host' },
        browser: this.browser,
        callbackListener: new LoopbackCallbackListener(),
        ...options,
      }),
    );
  }

  async close(): Promise<void> {
    for (const part of this.#running.splice(0).reverse()) await part.close();
  }
}

/** The error that a call ends with; it must be one of this library's own. */
export async function refusal(call: Promise<unknown>): Promise<AnyOAuthClientError> {
  const outcome = await call.then(
    () => ({}),
    (error: unknown) => ({ error }),
  );
  if (!('error' in outcome)) throw new Error('The call was expected to be refused.');
  if (!(outcome.error instanceof OAuthClientError)) throw outcome.error;
  return outcome.error as AnyOAuthClientError;
}
