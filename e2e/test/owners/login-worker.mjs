import { createOAuthClient } from '@mcp-oauth/core';
import { runWorker } from '@mcp-oauth/e2e/worker';
import { NodeProcessIdentity } from '@mcp-oauth/node';
import { openTokenStore } from '@mcp-oauth/open-store';

const redirectUri = 'https://host.example/oauth/callback';

/** What a replica of a host of many people does for its web pages: each method is one request of a browser. */
class Replica {
  #oauth;
  #resource;

  constructor(oauth, resource) {
    this.#oauth = oauth;
    this.#resource = resource;
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
runWorker(async ({ store: address, resource, secret, identity }, channel) => {
  const store = await openTokenStore(address);
  // The connection is there before a thousand people come, as in any process that has been running for a while.
  await store.check();
  channel.send('ready');
  const oauth = createOAuthClient({
    store,
    owners: 'many',
    fetch: globalThis.fetch,
    client: { client_name: 'Host' },
    secret: new TextEncoder().encode(secret),
    ...(identity ? { processIdentity: new NodeProcessIdentity() } : {}),
  });
  const replica = new Replica(oauth, resource);
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
