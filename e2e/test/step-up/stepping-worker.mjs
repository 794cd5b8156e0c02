import { OAuthClientError } from '@mcp-oauth/core';
import { runWorker } from '@mcp-oauth/e2e/worker';
import { desktopProcess } from '../desktop-process.mjs';

/** Calls a tool twenty times at once, steps up where it is told to, and tells how each call ended. */
runWorker(async (input, channel) => {
  const { browser, session, close } = desktopProcess(input);
  const call = async () => {
    const params = { name: 'admin_only', arguments: {} };
    const response = await session.fetch(input.resource, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
    });
    await response.body?.cancel();
    return 'admitted';
  };
  const stubborn = async () => {
    for (let tries = 0; tries < 10; tries++) {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof OAuthClientError)) throw error;
        if (error.code !== 'authorization_required') return error.code;
        await session.authorize();
      }
    }
    return 'never';
  };
  await session.accessToken();
  channel.send('ready');
  await channel.receive();
  const ends = await Promise.all(Array.from({ length: 20 }, stubborn));
  await close();
  return { opened: browser.opened.length, ends: [...new Set(ends)] };
});
