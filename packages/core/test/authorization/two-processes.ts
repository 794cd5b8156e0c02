import type { Browser, CallbackListener, OAuthClientOptions, RecordKey, TokenStore } from '@mcp-oauth/core';
import { RESOURCE } from '../machine-login/machine-server.js';
import type { MachineServer } from '../machine-login/machine-server.js';

const REDIRECT_URI = 'https://host.example/callback';

/** A person who is logged in at the authorization server: each page that opens comes back at once. */
export class Person implements Browser, CallbackListener {
  pages = 0;
  #answered: ((url: URL) => void) | undefined;

  open({ searchParams }: URL): Promise<{ readonly opened: true }> {
    this.pages++;
    this.#answered?.(answer(searchParams.get('redirect_uri') ?? '', searchParams));
    return Promise.resolve({ opened: true });
  }

  listen({ redirectUris: [redirectUri] }: Parameters<CallbackListener['listen']>[0]) {
    const answered = new Promise<URL>((resolve) => (this.#answered = resolve));
    const response = async () => ({ url: await answered, show: () => undefined });
    return Promise.resolve({ redirectUri, response, close: () => Promise.resolve() });
  }
}

function answer(redirectUri: string, asked: URLSearchParams): URL {
  const url = new URL(redirectUri);
  url.searchParams.set('code', 'the-code');
  url.searchParams.set('state', asked.get('state') ?? '');
  return url;
}

/** A store through which a process gets one answer late: something happens first that the answer does not tell. */
export class SlowStore implements TokenStore {
  readonly #store: TokenStore;
  #readsLeft = Infinity;
  #writesLeft = Infinity;
  #during: () => Promise<unknown> = () => Promise.resolve();

  constructor(store: TokenStore) {
    this.#store = store;
  }

  /** @param nth Counted from here on. */
  slowRead(nth: number, during: () => Promise<unknown>): void {
    this.#readsLeft = nth;
    this.#during = during;
  }

  /** @param nth Counted from here on; a write that came too late does not count. */
  slowWrite(nth: number, during: () => Promise<unknown>): void {
    this.#writesLeft = nth;
    this.#during = during;
  }

  async get(key: RecordKey) {
    const isSlow = --this.#readsLeft === 0;
    const record = await this.#store.get(key);
    if (isSlow) await this.#during();
    return record;
  }

  async compareAndSet(...call: Parameters<TokenStore['compareAndSet']>) {
    const result = await this.#store.compareAndSet(...call);
    if (result.ok && --this.#writesLeft === 0) await this.#during();
    return result;
  }

  list(...call: Parameters<TokenStore['list']>) {
    return this.#store.list(...call);
  }

  purge(...call: Parameters<TokenStore['purge']>) {
    return this.#store.purge(...call);
  }

  check(...call: Parameters<TokenStore['check']>) {
    return this.#store.check(...call);
  }

  close() {
    return this.#store.close();
  }
}

/** What one process has: a client of its own, with the session of one person whom all share. */
export function processOf(server: MachineServer, options: Partial<OAuthClientOptions<'many'>> = {}) {
  const person = new Person();
  const oauth = server.oauth({ browser: person, callbackListener: person, ...options });
  const session = oauth.session({ resource: RESOURCE, owner: 'ann' }, { clientId: 'c' });
  /** Begins a login at a web address, and gives what ends it. */
  const begin = async (clientId = 'c') => {
    const begun = await oauth
      .session({ resource: RESOURCE, owner: 'ann' }, { clientId })
      .beginAuthorization({ redirectUri: REDIRECT_URI });
    const callback = answer(REDIRECT_URI, begun.authorizationUrl.searchParams);
    return () => oauth.completeAuthorization(callback, { owner: 'ann', binding: begun.binding });
  };
  return { person, oauth, session, begin };
}

export type Process = ReturnType<typeof processOf>;
