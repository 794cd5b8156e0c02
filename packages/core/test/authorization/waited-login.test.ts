import { expect, test } from '@jest/globals';
import type { Browser, CallbackListener } from '@mcp-oauth/core';
import { MachineServer, RESOURCE } from '../machine-login/machine-server.js';

/** A person whose browser comes back with `error`, or with a code, once the test lets it. */
class Person implements Browser, CallbackListener {
  readonly #error: string | undefined;
  #opened: (() => void) | undefined;
  #answered: ((url: URL) => void) | undefined;
  readonly opened = new Promise<void>((resolve) => (this.#opened = resolve));
  readonly #answer = new Promise<URL>((resolve) => (this.#answered = resolve));
  #url = new URL('http://localhost');

  constructor(error: string | undefined) {
    this.#error = error;
  }

  open(url: URL): Promise<{ readonly opened: true }> {
    this.#url = url;
    this.#opened?.();
    return Promise.resolve({ opened: true });
  }

  listen({ redirectUris: [redirectUri] }: Parameters<CallbackListener['listen']>[0]) {
    const response = async () => ({ url: await this.#answer, show: () => undefined });
    return Promise.resolve({ redirectUri, response, close: () => Promise.resolve() });
  }

  comeBack(): void {
    const { searchParams } = this.#url;
    const url = new URL(searchParams.get('redirect_uri') ?? '');
    url.searchParams.set(this.#error === undefined ? 'code' : 'error', this.#error ?? 'the-code');
    url.searchParams.set('state', searchParams.get('state') ?? '');
    this.#answered?.(url);
  }
}

/** What a process that logs a person in, and another one that waits for it, are told. */
async function told(error: string | undefined): Promise<readonly unknown[]> {
  const server = new MachineServer();
  server.tokens.push(() => new Response('', { status: 503 }));
  const person = new Person(error);
  const login = async (): Promise<unknown> => {
    const oauth = server.oauth({ browser: person, callbackListener: person });
    const session = oauth.session({ resource: RESOURCE, owner: 'ann' }, { clientId: 'c' });
    return await session.authorize().catch((thrown: unknown) => thrown);
  };
  const first = login();
  await person.opened;
  const second = login();
  await new Promise((resolve) => setTimeout(resolve, 300));
  person.comeBack();
  return await Promise.all([first, second]);
}

test('whoever waited for a login hears of a no as of a no', async () => {
  const denied = { code: 'authorization_denied', error: 'access_denied' };
  expect(await told('access_denied')).toMatchObject([denied, denied]);
});

test.each(['server_error', 'temporarily_unavailable', 'invalid_client'])(
  'whoever waited for a login that ended by %s does not take it for a no',
  async (error) => {
    expect(await told(error)).toMatchObject([{ code: 'authorization_denied', error }, { code: 'transient' }]);
  },
);

test('whoever waited for a login whose token request failed for a while is told so, and not that a person was slow', async () => {
  expect(await told(undefined)).toMatchObject([{ code: 'transient' }, { code: 'transient' }]);
});
