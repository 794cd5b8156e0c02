import { createOAuthClient } from '@mcp-oauth/core';
import type {
  Browser,
  OAuthClient,
  OAuthClientOptions,
  OAuthSession,
  RedirectPrompt,
  RedirectPromptRequest,
} from '@mcp-oauth/core';
import { ScriptedBrowser, startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type {
  RunningMcpServer,
  StrictAuthorizationServer,
  StrictAuthorizationServerOptions,
} from '@mcp-oauth/e2e';
import { LoopbackCallbackListener } from '@mcp-oauth/node';
import { WatchedStore } from './watched-store.js';

export interface DesktopHostOptions {
  readonly server?: StrictAuthorizationServerOptions;
  readonly oauth?: Partial<OAuthClientOptions>;
}

/** A host on one person's machine, with a real loopback listener. Nobody has logged in yet. */
export interface DesktopHost {
  readonly server: StrictAuthorizationServer;
  readonly mcp: RunningMcpServer;
  readonly oauth: OAuthClient;
  readonly session: OAuthSession;
  readonly browser: ScriptedBrowser;
  readonly store: WatchedStore;
}

export async function desktop(
  body: (host: DesktopHost) => Promise<void>,
  options: DesktopHostOptions = {},
): Promise<void> {
  const server = await startStrictAuthorizationServer(options.server);
  const mcp = await startMcpServer({ authorizationServers: [server] });
  const browser = new ScriptedBrowser();
  const store = new WatchedStore();
  const oauth = createOAuthClient({
    store,
    client: { client_name: 'Desktop host' },
    browser,
    callbackListener: new LoopbackCallbackListener(),
    ...options.oauth,
  });
  try {
    await body({ server, mcp, oauth, browser, store, session: oauth.session({ resource: mcp.url }) });
  } finally {
    await oauth.close();
    await mcp.close();
    await server.close();
  }
}

/** Shows the page to nobody, and lets the test be the person. */
export class HeldBrowser implements Browser {
  readonly #opened: URL[] = [];
  readonly #waiting: ((url: URL) => void)[] = [];

  get opened(): readonly URL[] {
    return this.#opened;
  }

  open(url: URL) {
    this.#opened.push(url);
    for (const resolve of this.#waiting.splice(0)) resolve(url);
    return Promise.resolve({ opened: true } as const);
  }

  /** The page, as soon as one is opened. */
  page(): Promise<URL> {
    const [url] = this.#opened;
    return url ? Promise.resolve(url) : new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** A person at a terminal, who answers each question by what the test says. */
export class ScriptedPrompt implements RedirectPrompt {
  readonly asked: RedirectPromptRequest[] = [];
  readonly #answer: (request: RedirectPromptRequest, count: number) => Promise<string>;

  constructor(answer: (request: RedirectPromptRequest, count: number) => Promise<string>) {
    this.#answer = answer;
  }

  isAvailable(): boolean {
    return true;
  }

  ask(request: RedirectPromptRequest): Promise<string> {
    this.asked.push(request);
    return this.#answer(request, this.asked.length);
  }
}
