import { createOAuthClient } from '@mcp-oauth/core';
import { seededRandom } from '@mcp-oauth/e2e';
import { runWorker } from '@mcp-oauth/e2e/worker';
import { openTokenStore } from '@mcp-oauth/open-store';
import { hostileCount, identityOf, ownerAt, profilesAt } from './population.mjs';

const redirectUri = 'https://host.example/oauth/callback';
const body = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

/** How long every replica has the same owners in mind, so that they meet there. */
const TOGETHER_MS = 50;
const chances = {
  together: 0.1,
  elsewhere: 0.1,
  firstProfile: 0.5,
  stepUp: 0.006,
  list: 0.006,
  revoke: 0.01,
  forget: 0.005,
};
/** A visit is so many requests at most, one after the other. */
const MOST_AT_ONCE = 5;

/** What a host would have to get wrong for its users to be mixed up. `none` is how it should be. */
const mistakes = {
  none: (address) => address,
  'joins tenant and user': ({ owner, ...rest }) => ({
    ...rest,
    owner: typeof owner === 'string' ? owner : `${owner.tenant}:${owner.user}`,
  }),
  'folds case': ({ owner, ...rest }) => ({
    ...rest,
    owner: typeof owner === 'string' ? owner.toLowerCase() : owner,
  }),
  'drops the profile': ({ profile: _, ...rest }) => rest,
};

/** One replica of a host of many people: asks MCP servers for them, and logs them in and out. */
class Replica {
  counts = { answers: 0, wrongIdentities: 0, wrongServers: 0, foreignSessions: 0, begun: 0, overtaken: 0 };
  failures = [];
  #oauth;
  #input;
  #channel;
  #random;
  #logins = new Map();
  #completing = new Map();
  #asked = 0;
  #began = performance.now();

  constructor(oauth, input, channel) {
    this.#oauth = oauth;
    this.#input = input;
    this.#channel = channel;
    this.#random = seededRandom(input.seed + input.index);
  }

  async run() {
    const { requests, lanes } = this.#input;
    let left = requests;
    const lane = async () => {
      while (left > 0) {
        const visits = 1 + Math.floor(this.#random() * MOST_AT_ONCE);
        left -= visits;
        try {
          await this.#step(visits);
        } catch (error) {
          this.#failed(error);
        }
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  }

  /** What another replica or this one has begun ends here. */
  async complete({ id, from, callback, owner, binding }) {
    let outcome = 'done';
    try {
      await this.#oauth.completeAuthorization(callback, { owner, binding });
    } catch (error) {
      // The owner was forgotten meanwhile, or has begun too many logins at once.
      if (error.code === 'callback_rejected' && error.reason === 'unknown_flow') outcome = 'overtaken';
      else {
        outcome = 'failed';
        this.#failed(error);
      }
    }
    this.#channel.send({ kind: 'completed', to: from, id, outcome });
  }

  completed({ id, outcome }) {
    this.#completing.get(id)(outcome);
    this.#completing.delete(id);
  }

  #failed(error) {
    const after = Math.round((performance.now() - this.#began) / 1_000);
    this.failures.push(
      `${error.code ?? error.name} ${error.reason ?? ''} after ${after} s: ${error.message}`,
    );
  }

  async #step(visits) {
    const random = this.#random;
    const index = this.#someOwner();
    const profiles = profilesAt(index);
    const { resources, mistake } = this.#input;
    const named = {
      owner: ownerAt(index),
      profile:
        random() < chances.firstProfile ? profiles[0] : profiles[Math.floor(random() * profiles.length)],
      resource: resources[this.#someServer(index) % resources.length],
    };
    const address = mistakes[mistake](named);
    const identity = identityOf(named.owner, named.profile);
    const person = { id: `${named.resource} ${identity}`, identity, address };
    const session = this.#oauth.session(address);
    const dice = random();
    const { revoke, forget, list, stepUp } = chances;
    if (dice < revoke) return void (await session.revoke());
    if (dice < revoke + forget) {
      this.#check(await this.#oauth.forgetOwner({ owner: address.owner }), profiles);
      return;
    }
    if (dice > 1 - list) this.#check(await this.#oauth.sessions({ owner: address.owner }), profiles);
    await this.#visit(session, person, dice < revoke + forget + stepUp ? 'write' : undefined);
    for (let more = 1; more < visits; more++) await this.#visit(session, person);
  }

  #check(sessions, profiles) {
    if (this.#input.mistake === 'drops the profile') return;
    for (const { profile } of sessions) if (!profiles.includes(profile)) this.counts.foreignSessions++;
  }

  #someOwner() {
    const { owners, hostile } = this.#input;
    const kind = this.#random();
    if (kind < hostile) return Math.floor(this.#random() * hostileCount);
    if (kind < hostile + chances.together) {
      const moment = Math.floor(Date.now() / TOGETHER_MS);
      return Math.floor(seededRandom(moment)() * owners);
    }
    return Math.floor(this.#random() * owners);
  }

  /** Most people use one server most of the time, since a login costs as much as ten requests. */
  #someServer(index) {
    if (this.#random() < chances.elsewhere) return Math.floor(this.#random() * 3);
    // Names that look alike have to meet.
    return index < hostileCount ? 0 : index;
  }

  /** A request, and where a login is missing, the login and the request again. */
  async #visit(session, person, needed) {
    for (let tries = 0; tries < 3; tries++) {
      try {
        return await this.#ask(session, person, needed);
      } catch (error) {
        if (error.code !== 'authorization_required') throw error;
        await this.#login(session, person, error.scope);
      }
    }
    // Others log this very owner out at the same time, which is what this is about.
    this.counts.overtaken++;
  }

  async #ask(session, { identity, address }, needed) {
    const headers = { 'content-type': 'application/json', 'x-replica': String(this.#input.index) };
    if (needed) headers['x-needs'] = needed;
    const response = await session.fetch(address.resource, { method: 'POST', headers, body });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    const answer = await response.json();
    this.counts.answers++;
    if (answer.identity !== identity) this.counts.wrongIdentities++;
    if (answer.resource !== address.resource) this.counts.wrongServers++;
  }

  #login(session, person, scope) {
    const running = this.#logins.get(person.id);
    if (running) return running;
    const login = this.#loginAcross(session, person, scope).finally(() => this.#logins.delete(person.id));
    this.#logins.set(person.id, login);
    return login;
  }

  /** Begins here, and ends at another replica. */
  async #loginAcross(session, { identity, address }, scope) {
    const options = { redirectUri, ...(scope ? { scope } : {}) };
    const { authorizationUrl, binding } = await session.beginAuthorization(options);
    this.counts.begun++;
    const response = await fetch(authorizationUrl, {
      redirect: 'manual',
      headers: { 'x-person': Buffer.from(identity).toString('base64url') },
    });
    await response.body?.cancel();
    const id = ++this.#asked;
    const outcome = new Promise((resolve) => this.#completing.set(id, resolve));
    const { replicas, index } = this.#input;
    const to = (index + 1) % replicas;
    const callback = response.headers.get('location');
    this.#channel.send({ kind: 'complete', to, from: index, id, callback, owner: address.owner, binding });
    if ((await outcome) === 'overtaken') this.counts.overtaken++;
  }
}

runWorker(async (input, channel) => {
  const store = await openTokenStore(input.store);
  // The connection is there before everybody comes, as in any process that has been running for a while.
  await store.check();
  const oauth = createOAuthClient({
    store,
    owners: 'many',
    fetch: globalThis.fetch,
    client: { client_name: 'Fleet' },
    secret: new TextEncoder().encode(input.secret),
  });
  const replica = new Replica(oauth, input, channel);
  const ended = (async () => {
    for (;;) {
      const told = await channel.receive();
      if (told === 'end') return;
      if (told.kind === 'complete') void replica.complete(told);
      else replica.completed(told);
    }
  })();
  const began = performance.now();
  await replica.run();
  const seconds = (performance.now() - began) / 1_000;
  channel.send({ kind: 'ran' });
  // Others may still have logins that end here.
  await ended;
  await oauth.close();
  await store.close();
  const { counts, failures } = replica;
  const { rss } = process.memoryUsage();
  return {
    ...counts,
    seconds,
    rssMb: rss / 2 ** 20,
    failed: failures.length,
    failures: failures.slice(0, 5),
  };
});
