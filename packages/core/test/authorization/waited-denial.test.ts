import { expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import { DeviceServer, KeptPrompt, RESOURCE } from '../device/device-server.js';

const lacking = (scope: string) =>
  new Response(null, {
    status: 403,
    headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
  });

test('81: a no to the scopes of one process is none to those of another, which waited and was never shown', async () => {
  const server = new DeviceServer();
  const store = new MemoryTokenStore();
  const session = (scope: string) => {
    const fetch: typeof server.fetch = (url, init) =>
      new Headers(init?.headers).has('authorization')
        ? Promise.resolve(lacking(scope))
        : server.fetch(url, init);
    return server.client({ store, fetch, devicePrompt: new KeptPrompt() }).session({ resource: RESOURCE });
  };
  const [mine, theirs] = [session('write'), session('admin')];
  await mine.authorizeDevice();

  server.onPoll = (count) => server.refusal(count < 4 ? 'authorization_pending' : 'access_denied');
  const asking = mine.authorizeDevice({ scope: 'write' });
  const denied = expect(asking).rejects.toMatchObject({ code: 'authorization_denied' });
  await new Promise((resolve) => setTimeout(resolve, 300));
  const waiting = theirs.authorizeDevice({ scope: 'admin' });
  await expect(waiting).rejects.toMatchObject({ code: 'authorization_denied' });
  await denied;
  expect(server.count('/device_authorization')).toBe(2);

  const call = { method: 'POST', body: '{}' };
  await expect(mine.fetch(RESOURCE, call)).rejects.toMatchObject({ reason: 'denied' });
  await expect(theirs.fetch(RESOURCE, call)).rejects.toMatchObject({ code: 'authorization_required' });
});
