import { createHash } from 'node:crypto';
import { runWorker } from '@mcp-oauth/e2e/worker';
import { desktopProcess } from '../desktop-process.mjs';

/** Logs in with an empty store, at the same time as others, and tells which token it got by its hash. */
runWorker(async (input, channel) => {
  const { browser, session, close } = desktopProcess(input);
  channel.send('ready');
  await channel.receive();
  await session.authorize();
  const fingerprint = createHash('sha256')
    .update(await session.accessToken())
    .digest('hex');
  await close();
  return { opened: browser.opened.length, fingerprint };
});
