/**
 * The steps of a refresh, in their order, at which a process may be stopped or killed.
 * `sent` does not halt: the request is on its way then, and the server is at it.
 */
export const steps = ['leasing', 'leased', 'sending', 'sent', 'answered', 'committing', 'committed'];

/** Long enough for a request to leave, shorter than the server takes to work on it. */
const LEFT_MS = 40;

/** A store and a fetch that call `halt(step)` at each step of a refresh, and go on when it resolves. */
export function halting(store, halt) {
  let writes = 0;
  const fetchAndHalt = async (url, init) => {
    if (!String(init?.body).includes('grant_type=refresh_token')) return fetch(url, init);
    await halt('sending');
    const response = fetch(url, init);
    setTimeout(() => void halt('sent'), LEFT_MS);
    await response;
    await halt('answered');
    return response;
  };
  const haltingStore = {
    get: (key, options) => store.get(key, options),
    list: (partition, options) => store.list(partition, options),
    purge: (partition, options) => store.purge(partition, options),
    check: (options) => store.check(options),
    close: () => store.close(),
    compareAndSet: async (...write) => {
      const [before, after] = ++writes === 1 ? ['leasing', 'leased'] : ['committing', 'committed'];
      await halt(before);
      const result = await store.compareAndSet(...write);
      await halt(after);
      return result;
    },
  };
  return { store: haltingStore, fetch: fetchAndHalt };
}
