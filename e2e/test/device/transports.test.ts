import { afterEach, expect, test } from '@jest/globals';
import { expectNoLeaks } from '@mcp-oauth/e2e';
import type { OAuthClient } from '@mcp-oauth/core';
import { createTransportFactory } from '@mcp-oauth/transport-factory';
import { createTransportFactory as createTransportFactoryV2 } from '@mcp-oauth/transport-factory/v2';
import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { PersonWithPhone, refusal, Scene } from './scene.js';

let scene: Scene;

afterEach(async () => {
  await scene.close();
});

interface Connected {
  callTool(request: { readonly name: string; readonly arguments: Record<string, unknown> }): Promise<unknown>;
  close(): Promise<void>;
}

async function connectV1(oauth: OAuthClient): Promise<Connected> {
  const client = new Client({ name: 'test', version: '1' });
  scene.closeLater(() => client.close());
  await client.connect(
    createTransportFactory({ oauth }).create({
      type: 'http',
      url: scene.mcp.url.href,
      auth: { type: 'oauth' },
    }),
  );
  return client;
}

async function connectV2(oauth: OAuthClient): Promise<Connected> {
  const client = new ClientV2({ name: 'test', version: '1' });
  scene.closeLater(() => client.close());
  await client.connect(
    createTransportFactoryV2({ oauth }).create({
      type: 'http',
      url: scene.mcp.url.href,
      auth: { type: 'oauth' },
    }),
  );
  return client;
}

const sdks = [
  ['v1', connectV1],
  ['v2', connectV2],
] as const;

test.each(sdks)(
  'SDK %s: client.connect() without a browser logs in by a code, and refreshes',
  async (_, connect) => {
    scene = await Scene.start({ accessTokenTtl: 60 });
    const phone = new PersonWithPhone();
    const client = await connect(scene.oauth(phone));
    await client.callTool({ name: 'whoami', arguments: {} });
    expect(phone.shown).toHaveLength(1);
    scene.server.expireAccessTokens();
    await client.callTool({ name: 'whoami', arguments: {} });
    expect(scene.server.refreshesPerExpiry()).toMatchObject([{ generation: 1, refreshes: 1 }]);
    expect(scene.server.counts()).toMatchObject({ device_authorization: 1, authorize: 0 });
  },
);

test.each(sdks)(
  'SDK %s: a call that lacks a scope is told so, and a code grants it on top',
  async (_, connect) => {
    scene = await Scene.start();
    const phone = new PersonWithPhone();
    const oauth = scene.oauth(phone);
    const client = await connect(oauth);
    const admin = () => client.callTool({ name: 'admin_only', arguments: {} });
    expect(await refusal(admin())).toMatchObject({
      reason: 'insufficient_scope',
      scope: 'mcp:tools mcp:admin',
    });
    expect(phone.shown).toHaveLength(1);
    await oauth.session({ resource: scene.mcp.url }).authorizeDevice();
    await admin();
    expect(phone.shown).toHaveLength(2);
    const asked = scene.server.log().filter(({ endpoint }) => endpoint === 'device_authorization');
    expect(asked.map(({ scope }) => scope?.split(' ').sort())).toEqual([
      ['mcp:tools'],
      ['mcp:admin', 'mcp:tools'],
    ]);
    expect(scene.server.counts()).toMatchObject({ register: 1 });
  },
);

test.each(sdks)('SDK %s: a person who declines ends the connection with what it was', async (_, connect) => {
  scene = await Scene.start();
  const error = await refusal(connect(scene.oauth(new PersonWithPhone({ decision: 'deny' }))));
  expect(error).toMatchObject({ code: 'authorization_denied' });
  expectNoLeaks({ error, events: scene.events }, scene.server.secrets());
});

test('closing a transport ends a login that waits for a code', async () => {
  scene = await Scene.start();
  const phone = new PersonWithPhone('does nothing');
  const transport = createTransportFactory({ oauth: scene.oauth(phone) }).create({
    type: 'http',
    url: scene.mcp.url.href,
    auth: { type: 'oauth' },
  });
  const starting = refusal(transport.start());
  while (phone.signals.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await transport.close();
  expect(await starting).toMatchObject({ name: 'AbortError' });
  while (phone.signals[0]?.aborted !== true) await new Promise((resolve) => setTimeout(resolve, 10));
});
