import { createOAuthClient } from '@mcp-oauth/core';
import { runWorker } from '@mcp-oauth/e2e/worker';
import { NodeProcessIdentity } from '@mcp-oauth/node';
import { openTokenStore } from '@mcp-oauth/open-store';

const redirectUri = 'https://host.example/oauth/callback';

/**
 * Stops what its process does with a token answer, before it is read or before what came of it is stored; or what it does
 * with a login whose tokens are revoked, before its record is deleted.
 */
class Halt {
  #step;
  #isAnswered = false;
  #reached = deferred();
  #released = deferred();

  arm(step) {
    this.#step = step;
    this.#isAnswered = false;
    this.#reached = deferred();
    this.#released = deferred();
  }

  get reached() {
    return this.#reached.promise;
  }

  release() {
    this.#released.resolve();
  }

  async at(step) {
    if (step === 'answered') this.#isAnswered = true;
    if (this.#step !== step || (step === 'committing' && !this.#isAnswered)) return;
    this.#step = undefined;
    this.#reached.resolve();
    await this.#released.promise;
  }

  fetch = async (url, init) => {
    const response = await globalThis.fetch(url, init);
    if (new URL(url).pathname === '/token') await this.at('answered');
    return response;
  };

  store(store) {
    return {
      get: (...call) => store.get(...call),
      list: (...call) => store.list(...call),
      purge: (...call) => store.purge(...call),
      check: (...call) => store.check(...call),
      close: () => store.close(),
      compareAndSet: async (key, expected, value, options) => {
        if (key.id.startsWith('credentials-')) await this.at(value ? 'committing' : 'deleting');
        return store.compareAndSet(key, expected, value, options);
      },
    };
  }
}

function deferred() {
  let resolve;
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}

/** What a replica of a host of many people does for its web pages: each method is one request of a browser. */
class Replica {
  #oauth;
  #resource;
  #store;
  #halt;
  #clock;

  constructor(oauth, resource, store, halt, clock) {
    this.#oauth = oauth;
    this.#resource = resource;
    this.#store = store;
    this.#halt = halt;
    this.#clock = clock;
  }

  /** From now on this replica lives so much later. */
  async putClockAhead(ms) {
    this.#clock.aheadMs += ms;
  }

  /** What comes to this step next stops there. */
  async arm(step) {
    this.#halt.arm(step);
  }

  /** Resolves when it has stopped there. */
  async halted() {
    await this.#halt.reached;
  }

  async release() {
    this.#halt.release();
  }

  /** How many records the store has of an owner. */
  async records(owner) {
    const [partition] = await this.#oauth.partitions({ owner });
    return (await this.#store.list(partition)).length;
  }

  async sessions(owner) {
    return this.#oauth.sessions({ owner });
  }

  /** Begins the logins of all these owners at once. */
  async begin(owners) {
    return Promise.all(
      owners.map(async (owner) => {
        const began = performance.now();
        const { authorizationUrl, binding } = await this.#session(owner).beginAuthorization({ redirectUri });
        const clientId = authorizationUrl.searchParams.get('client_id');
        return { owner, url: authorizationUrl.href, binding, clientId, tookMs: performance.now() - began };
      }),
    );
  }

  /** Begins a login for another account of an owner. */
  async beginAs({ owner, profile }) {
    const session = this.#oauth.session({ resource: this.#resource, owner, profile });
    const { authorizationUrl, binding } = await session.beginAuthorization({ redirectUri });
    return { owner, url: authorizationUrl.href, binding };
  }

  async complete({ callback, owner, binding }) {
    await this.#oauth.completeAuthorization(callback, { owner, binding });
    return 'completed';
  }

  /** A token that is good now. */
  async use(owner) {
    await this.#session(owner).accessToken();
    return this.#session(owner).status();
  }

  async status(owner) {
    return this.#session(owner).status();
  }

  async forget(owner) {
    return this.#oauth.forgetOwner({ owner });
  }

  #session(owner) {
    return this.#oauth.session({ resource: this.#resource, owner });
  }
}

/** Does what it is asked for, each with its id, as many at once as are asked. */
runWorker(async ({ store: address, resource, secret, identity, aheadMs }, channel) => {
  const store = await openTokenStore(address);
  // The connection is there before a thousand people come, as in any process that has been running for a while.
  await store.check();
  channel.send('ready');
  const halt = new Halt();
  const clock = { aheadMs };
  const oauth = createOAuthClient({
    store: halt.store(store),
    owners: 'many',
    fetch: halt.fetch,
    now: () => Date.now() + clock.aheadMs,
    client: { client_name: 'Host' },
    secret: new TextEncoder().encode(secret),
    ...(identity ? { processIdentity: new NodeProcessIdentity() } : {}),
  });
  const replica = new Replica(oauth, resource, store, halt, clock);
  const answer = async ({ id, method, argument }) => {
    try {
      channel.send({ id, value: await replica[method](argument) });
    } catch (error) {
      const { code, reason, message, name } = error;
      channel.send({ id, error: { code, reason, message: `${name}: ${message}` } });
    }
  };
  for (let asked = await channel.receive(); asked !== 'stop'; asked = await channel.receive())
    void answer(asked);
  await oauth.close();
  await store.close();
});
