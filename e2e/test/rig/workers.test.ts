import { expect, test } from '@jest/globals';
import { runWorkers, startStrictAuthorizationServer, withWorkers, type WorkerProcess } from '@mcp-oauth/e2e';

const module = new URL('counting-worker.mjs', import.meta.url);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('every worker gets its input, and the results come in their order', async () => {
  expect(await runWorkers({ module, count: 3, input: (index) => ({ index, mode: 'count' }) })).toEqual([
    0, 2, 4,
  ]);
});

test('workers and parent talk to each other', async () => {
  const options = { module, count: 2, input: (index: number) => ({ index, mode: 'talk' }) };
  const answers = await withWorkers(options, (workers) =>
    Promise.all(
      workers.map(async (worker) => {
        worker.send({ heard: await worker.next() });
        return worker.result();
      }),
    ),
  );
  expect(answers).toEqual([{ answered: { heard: { asked: 0 } } }, { answered: { heard: { asked: 1 } } }]);
});

test('a worker ends by itself when its work is done', async () => {
  const exit = await withWorkers(
    { module, count: 1, input: () => ({ index: 1, mode: 'count' }) },
    async ([worker]) => {
      await worker!.result();
      return worker!.exited;
    },
  );
  expect(exit).toEqual({ code: 0, signal: null });
});

test('a worker that throws says why', async () => {
  const failing = runWorkers({ module, count: 1, input: () => ({ mode: 'throw' }) });
  await expect(failing).rejects.toThrow(/Worker 0 failed: Error: on purpose/);
});

test('a module that cannot be loaded is reported with what it printed', async () => {
  const failing = runWorkers({ module: new URL('no-such-module.mjs', import.meta.url), count: 1 });
  await expect(failing).rejects.toThrow(/Worker 0 ended with exit code 1.*Cannot find module/s);
});

test('a worker can be killed, and its result and messages end with it', async () => {
  await withWorkers({ module, count: 1, input: () => ({ mode: 'hang' }) }, async ([worker]) => {
    await worker!.next();
    worker!.signal('SIGSTOP');
    expect(await worker!.kill()).toEqual({ code: null, signal: 'SIGKILL' });
    await expect(worker!.result()).rejects.toThrow('ended by SIGKILL');
    await expect(worker!.next()).rejects.toThrow('ended by SIGKILL');
    expect(worker!.output).toBe('hanging\n');
  });
});

test('whatever happens, no worker is left behind', async () => {
  const pids: number[] = [];
  const hang = { module, count: 2, input: () => ({ mode: 'hang' }) };
  const note = (workers: readonly WorkerProcess[]) => void pids.push(...workers.map(({ pid }) => pid));
  await withWorkers(hang, async (workers) => {
    note(workers);
    await Promise.all(workers.map((worker) => worker.next()));
  });
  const failing = withWorkers(hang, (workers) => {
    note(workers);
    return Promise.reject(new Error('the test failed'));
  });
  await expect(failing).rejects.toThrow('the test failed');
  const late = withWorkers({ ...hang, deadlineMs: 200 }, async (workers) => {
    note(workers);
    await Promise.all(workers.map((worker) => worker.result()));
  });
  await expect(late).rejects.toThrow('did not finish within 200 ms');
  expect(pids).toHaveLength(6);
  expect(pids.filter(isAlive)).toEqual([]);
});

test('processes that refresh without agreeing lose the login of a rotating server', async () => {
  const as = await startStrictAuthorizationServer({ tokenLatencyMs: 20 });
  try {
    const { clientId } = as.addClient({ redirectUris: ['http://127.0.0.1:9876/callback'] });
    const { tokenResponse } = as.issueGrant(clientId);
    const input = {
      tokenEndpoint: `${as.issuer}/token`,
      form: {
        grant_type: 'refresh_token',
        client_id: clientId,
        refresh_token: tokenResponse['refresh_token'],
      },
    };
    const statuses = await runWorkers({
      module: new URL('refreshing-worker.mjs', import.meta.url),
      count: 4,
      input: () => input,
    });
    expect(statuses.toSorted()).toEqual([200, 400, 400, 400]);
    expect(as.refreshesPerExpiry()).toEqual([{ family: 'family-1', generation: 1, refreshes: 4 }]);
    expect(as.families()).toMatchObject([{ revoked: 'reuse' }]);
  } finally {
    await as.close();
  }
});
