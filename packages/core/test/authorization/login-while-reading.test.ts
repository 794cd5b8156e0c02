import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { AuthorizationRequiredError } from '@mcp-oauth/core';
import type { Browser, CallbackListener, OAuthSession, RecordKey, TokenStore } from '@mcp-oauth/core';
import { granted, MachineServer, RESOURCE } from '../machine-login/machine-server.js';

/** A person who is logged in at the authorization server: each page that opens comes back at once. */
class Person implements Browser, CallbackListener {
  pages = 0;
  #answered: ((url: URL) => void) | undefined;

  open({ searchParams }: URL): Promise<{ readonly opened: true }> {
    this.pages++;
    const url = new URL(searchParams.get('redirect_uri') ?? '');
    url.searchParams.set('code', 'the-code');
    url.searchParams.set('state', searchParams.get('state') ?? '');
    this.#answered?.(url);
    return Promise.resolve({ opened: true });
  }

  listen({ redirectUris: [redirectUri] }: Parameters<CallbackListener['listen']>[0]) {
    const answer = new Promise<URL>((resolve) => (this.#answered = resolve));
    const response = async () => ({ url: await answer, show: () => undefined });
    return Promise.resolve({ redirectUri, response, close: () => Promise.resolve() });
  }
}

/** A store whose reads a test counts from some moment on; the answer to the `nth` comes late. */
class SlowStore {
  #left = Infinity;
  #during: () => Promise<void> = () => Promise.resolve();

  slowDown(nth: number, during: () => Promise<void>): void {
    this.#left = nth;
    this.#during = during;
  }

  over(store: TokenStore): TokenStore {
    return {
      get: async (key: RecordKey) => {
        const isSlow = --this.#left === 0;
        const record = await store.get(key);
        if (isSlow) await this.#during();
        return record;
      },
      compareAndSet: (...call) => store.compareAndSet(...call),
      list: (...call) => store.list(...call),
      purge: (...call) => store.purge(...call),
      check: (...call) => store.check(...call),
      close: () => store.close(),
    };
  }
}

interface Process {
  readonly session: OAuthSession;
  readonly person: Person;
}

/** Two processes over one store. While the first waits for its `nth` read, the other begins to log the person in. */
async function pagesOfTwo(nth: number, before: (process: Process) => Promise<void>, scope?: string) {
  const server = new MachineServer();
  const answer = (more: string) => () => granted({ scope: more });
  server.tokens.push(answer('mcp:tools'), answer(`mcp:tools ${scope ?? ''}`));
  const slow = new SlowStore();
  const processes = [slow.over(server.store), server.store].map((store): Process => {
    const person = new Person();
    const oauth = server.oauth({ store, browser: person, callbackListener: person });
    return { person, session: oauth.session({ resource: RESOURCE, owner: 'ann' }, { clientId: 'c' }) };
  });
  const [first, other] = processes as [Process, Process];
  await before(first);
  await before(other);
  const pages = () => first.person.pages + other.person.pages;
  const known = pages();
  const logIn = ({ session }: Process) => session.authorize(scope === undefined ? {} : { scope });
  let others: Promise<void> | undefined;
  // Where the first has begun by then, the other waits for it, and this read for neither.
  slow.slowDown(nth, () => Promise.race([(others = logIn(other)), sleep(100)]));
  await logIn(first);
  await (others ?? logIn(other));
  return pages() - known;
}

const READS = [1, 2, 3, 4, 5, 6, 7, 8];

const logIn = ({ session }: Process) => session.authorize();

const refused = async (process: Process) => {
  await logIn(process);
  await expect(process.session.fetch(RESOURCE, { method: 'POST' })).rejects.toThrow(
    AuthorizationRequiredError,
  );
};

test.each(READS)('a login that another process makes during read %i is not made again', async (nth) => {
  expect(await pagesOfTwo(nth, () => Promise.resolve())).toBe(1);
});

test.each(READS)(
  'a login that another process makes during read %i, where the last was refused, is not made again',
  async (nth) => {
    expect(await pagesOfTwo(nth, refused)).toBe(1);
  },
);

test.each(READS)('a step-up that another process makes during read %i is not made again', async (nth) => {
  expect(await pagesOfTwo(nth, logIn, 'mcp:admin')).toBe(1);
});

test('whether a person is logged in asks memory alone, so that a store that is down keeps nobody from going on', async () => {
  const server = new MachineServer();
  const slow = new SlowStore();
  const person = new Person();
  const oauth = server.oauth({
    store: slow.over(server.store),
    browser: person,
    callbackListener: person,
  });
  const session = oauth.session({ resource: RESOURCE, owner: 'ann' }, { clientId: 'c' });
  await session.authorize();
  slow.slowDown(1, () => Promise.reject(new Error('The store is down.')));
  await session.authorize();
  expect(person.pages).toBe(1);
});
