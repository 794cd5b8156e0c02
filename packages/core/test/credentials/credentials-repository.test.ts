import { expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import type { TokenStore } from '@mcp-oauth/core';
import { DeviceServer, KeptPrompt, RESOURCE } from '../device/device-server.js';

test('the record of a login on another device outlives the code, so that what a slow person grants can be kept', async () => {
  const server = new DeviceServer();
  server.deviceResponse = { expires_in: 3_600 };
  const lifetimes: (number | undefined)[] = [];
  const store = new MemoryTokenStore();
  const compareAndSet: TokenStore['compareAndSet'] = (key, expected, value, options) => {
    if (key.id.startsWith('credentials-')) lifetimes.push(options?.ttlMs);
    return store.compareAndSet(key, expected, value, options);
  };
  const noted: TokenStore = {
    get: store.get.bind(store),
    compareAndSet,
    list: store.list.bind(store),
    purge: store.purge.bind(store),
    check: store.check.bind(store),
    close: store.close.bind(store),
  };
  const oauth = server.client({ store: noted, devicePrompt: new KeptPrompt(), loginTimeoutMs: 3_600_000 });
  await oauth.session({ resource: RESOURCE }).authorizeDevice();
  expect(lifetimes.at(-2)).toBeGreaterThan(3_600_000);
  expect(lifetimes.at(-1)).toBeUndefined();
});
