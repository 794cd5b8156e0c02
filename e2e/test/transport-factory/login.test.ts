import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startMcpServer } from '@mcp-oauth/e2e';
import { withFakeTimeouts } from '../fake-timeouts.js';
import { startRig, whoami } from './rig.js';
import type { HttpType, Rig } from './rig.js';
import { sdksInEveryMode } from './sdks.js';

describe.each(sdksInEveryMode)('$name', (sdk) => {
  const types: readonly HttpType[] = ['http', 'sse'];
  let rig: Rig;

  beforeEach(async () => {
    rig = await startRig(sdk);
  });

  afterEach(async () => {
    await rig.close();
  });

  test('a person may take longer than a request may', async () => {
    const { factory } = rig.host();
    const client = sdk.newClient();
    await withFakeTimeouts(async (advance) => {
      rig.server.behaviour.decide = async () => {
        await advance(1_200);
        return { user: 'alice' };
      };
      await client.connect(factory.create(rig.config('http')), { timeout: 400 });
    });
    expect(JSON.stringify(await whoami(client))).toContain('alice');
    await client.close();
  });

  test.each(types)('an open server is not logged in to, over %s', async (type) => {
    const open = await startMcpServer();
    try {
      const url = (type === 'sse' ? open.sseUrl : open.url).href;
      const client = await rig.host().connect(type, { url });
      expect(JSON.stringify(await whoami(client))).toContain('anonymous');
      expect(rig.browser.opened).toHaveLength(0);
      await client.close();
    } finally {
      await open.close();
    }
  });

  test.each(types)(
    'where nobody can be asked, connect says that a login is needed, over %s',
    async (type) => {
      const { factory } = rig.host({ attended: false });
      const client = sdk.newClient();
      const transport = factory.create(rig.config(type));
      await expect(client.connect(transport)).rejects.toMatchObject({
        code: 'authorization_required',
        reason: 'no_grant',
        name: 'UnauthorizedError',
      });
      expect(rig.browser.opened).toHaveLength(0);
    },
  );

  test('after a declined login the client is free for another transport', async () => {
    const { factory } = rig.host();
    rig.server.behaviour.decide = () => ({ error: 'access_denied' });
    const client = sdk.newClient();
    await expect(client.connect(factory.create(rig.config('http')))).rejects.toMatchObject({
      code: 'authorization_denied',
    });
    rig.server.behaviour.decide = () => ({ user: 'alice' });
    await client.connect(factory.create(rig.config('http')));
    expect(JSON.stringify(await whoami(client))).toContain('alice');
    await client.close();
  });

  test.each(types)('closing the transport ends a login that waits for the person, over %s', async (type) => {
    let shown: () => void;
    const isShown = new Promise<void>((resolve) => {
      shown = resolve;
    });
    const browser = {
      open: () => {
        shown();
        return Promise.resolve({ opened: true as const });
      },
    };
    const { factory } = rig.host({ browser });
    const client = sdk.newClient();
    const transport = factory.create(rig.config(type));
    const outcome = client.connect(transport).then(
      () => 'connected',
      (error: unknown) => (error as Error).name,
    );
    await isShown;
    await transport.close();
    expect(await outcome).toBe('AbortError');
    expect(rig.mcp.counts().rpc['initialize']).toBeUndefined();
    const again = await rig.host().connect(type);
    expect(JSON.stringify(await whoami(again))).toContain('alice');
  });

  test('a call that needs more scope says so to its caller, and works after the person consented', async () => {
    const host = rig.host();
    const client = await host.connect('http');
    const call = () => client.callTool({ name: 'admin_only', arguments: {} });
    await expect(call()).rejects.toMatchObject({
      code: 'authorization_required',
      reason: 'insufficient_scope',
      scope: 'mcp:tools mcp:admin',
    });
    expect(rig.browser.opened).toHaveLength(1);
    await host.oauth.session({ resource: rig.mcp.url }).authorize();
    expect(JSON.stringify(await call())).toContain('done');
    expect(rig.browser.opened).toHaveLength(2);
  });
});
