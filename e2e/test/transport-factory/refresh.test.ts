import { afterEach, describe, expect, test } from '@jest/globals';
import { faults } from '@mcp-oauth/e2e';
import type { Fault } from '@mcp-oauth/e2e';
import { failuresOf, sleep, startRig, whoami } from './rig.js';
import type { Rig } from './rig.js';
import { sdks } from './sdks.js';
import type { McpClient } from './sdks.js';

describe.each(sdks)('$name', (sdk) => {
  let rig: Rig;

  afterEach(async () => {
    await rig.close();
  });

  const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

  test('20 calls at once on an expired token cost 1 refresh and none fails, over SSE', async () => {
    rig = await startRig(sdk, { accessTokenTtl: 2 });
    const client = await rig.host().connect('sse');
    await sleep(2_100);
    rig.server.clearLog();
    rig.server.behaviour.tokenLatencyMs = 100;
    rig.server.behaviour.accessTokenTtl = 60;
    expect(await failuresOf(times(20, () => whoami(client)))).toEqual([]);
    expect(rig.server.counts().token).toBe(1);
    expect(rig.browser.opened).toHaveLength(1);
  });

  test('20 calls whose token the server refuses cost 1 refresh and none fails, over SSE', async () => {
    rig = await startRig(sdk);
    const client = await rig.host().connect('sse');
    rig.server.expireAccessTokens();
    rig.server.clearLog();
    expect(await failuresOf(times(20, () => whoami(client)))).toEqual([]);
    expect(rig.server.counts().token).toBe(1);
    expect(rig.browser.opened).toHaveLength(1);
  });

  test('20 hosts over one store cost 1 refresh and no call fails', async () => {
    rig = await startRig(sdk, { accessTokenTtl: 4 });
    const clients: McpClient[] = [];
    for (const host of times(20, () => rig.host())) clients.push(await host.connect('http'));
    const settled = rig.server.families()[0]?.generation ?? 0;
    await sleep(4_100);
    rig.server.clearLog();
    rig.server.behaviour.tokenLatencyMs = 100;
    rig.server.behaviour.accessTokenTtl = 60;
    expect(await failuresOf(clients.map(whoami))).toEqual([]);
    expect(rig.server.counts().token).toBe(1);
    expect(rig.server.families()).toMatchObject([
      { generation: settled + 1, revoked: undefined, maxInFlight: 1 },
    ]);
    expect(rig.browser.opened).toHaveLength(1);
  }, 40_000);

  const blips: readonly (readonly [string, Fault])[] = [
    ['a reset connection', faults.reset()],
    ['a 500', faults.respond(500, 'oops')],
    ['a 429', faults.tooManyRequests('1')],
    ['a captive portal', faults.htmlOk()],
  ];

  test.each(blips)(
    '%s at the token endpoint fails 20 calls at once as transient, opens no browser and loses no grant',
    async (_name, fault) => {
      rig = await startRig(sdk);
      const client = await rig.host().connect('http');
      rig.server.expireAccessTokens();
      rig.server.failAlways('token', fault);
      const failures = await failuresOf(times(20, () => whoami(client)));
      expect(failures).toHaveLength(20);
      for (const failure of failures) expect(failure).toMatchObject({ code: 'transient', grantKept: true });
      rig.server.heal();
      const until = Date.now() + 12_000;
      while ((await failuresOf([whoami(client)])).length > 0 && Date.now() < until) await sleep(100);
      expect(JSON.stringify(await whoami(client))).toContain('alice');
      expect(rig.browser.opened).toHaveLength(1);
      expect(rig.server.families()).toMatchObject([{ revoked: undefined }]);
    },
    30_000,
  );

  test('a host that starts while the token endpoint is down says so, opens nothing, and connects later', async () => {
    rig = await startRig(sdk, { accessTokenTtl: 2 });
    await rig.host().connect('http');
    await sleep(2_100);
    rig.server.failAlways('token', faults.respond(503, 'down'));
    for (const attended of [true, false]) {
      for (const type of ['http', 'sse'] as const) {
        const started = rig.host({ attended }).connect(type, { url: rig.mcp.url.href });
        await expect(started).rejects.toMatchObject({ code: 'transient' });
      }
    }
    rig.server.heal();
    const host = rig.host();
    let client: McpClient | undefined;
    for (const until = Date.now() + 12_000; !client && Date.now() < until; await sleep(200)) {
      client = await host.connect('http').catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'transient' });
        return undefined;
      });
    }
    expect(client).toBeDefined();
    expect(rig.browser.opened).toHaveLength(1);
  }, 30_000);
});
