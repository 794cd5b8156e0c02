import type {
  Browser,
  OAuthClient,
  OAuthClientOptions,
  OAuthSession,
  RedirectPrompt,
  RedirectPromptRequest,
} from '@mcp-oauth/core';
import { DesktopScene } from '../desktop-scene.js';
import type { DesktopSceneOptions } from '../desktop-scene.js';
import { WatchedStore } from './watched-store.js';

export interface DesktopHostOptions extends Pick<DesktopSceneOptions, 'server'> {
  readonly oauth?: Partial<OAuthClientOptions>;
}

/** A host on one person's machine, with a real loopback listener. Nobody has logged in yet. */
export interface DesktopHost extends Pick<DesktopScene, 'server' | 'mcp' | 'browser'> {
  readonly oauth: OAuthClient;
  readonly session: OAuthSession;
  readonly store: WatchedStore;
}

export async function desktop(
  body: (host: DesktopHost) => Promise<void>,
  { oauth: options, ...servers }: DesktopHostOptions = {},
): Promise<void> {
  const scene = await DesktopScene.start(servers);
  const { server, mcp, browser } = scene;
  const store = new WatchedStore();
  const oauth = scene.oauth({ store, client: { client_name: 'Desktop host' }, ...options });
  try {
    await body({ server, mcp, oauth, browser, store, session: oauth.session({ resource: mcp.url }) });
  } finally {
    await scene.close();
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
