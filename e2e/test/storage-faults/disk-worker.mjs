import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOAuthClient } from '@mcp-oauth/core';
import { person } from '@mcp-oauth/e2e';
import { runWorker } from '@mcp-oauth/e2e/worker';
import { openTokenStore } from '@mcp-oauth/open-store';

/** How a disk stops taking writes, and takes them again. */
const troubles = {
  full: {
    begin: (mount) => {
      for (let chunk = 64 * 1024; chunk >= 1; chunk = Math.floor(chunk / 4))
        fill(join(mount, 'filler'), chunk);
    },
    end: (mount) => rmSync(join(mount, 'filler')),
  },
  read_only: {
    begin: (mount) => execFileSync('mount', ['-o', 'remount,ro', mount]),
    end: (mount) => execFileSync('mount', ['-o', 'remount,rw', mount]),
  },
};

function fill(path, chunk) {
  try {
    for (;;) writeFileSync(path, Buffer.alloc(chunk), { flag: 'a' });
  } catch (error) {
    if (error.code !== 'ENOSPC') throw error;
  }
}

/** A host on a small disk of its own that fails before a refresh, and then between its answer and the commit. */
runWorker(async ({ mount, address, resource, trouble, firstTokenSeconds }, channel) => {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=768k,mode=0700', 'tmpfs', mount]);
  const disk = troubles[trouble];
  const events = [];
  let onTokenResponse = () => undefined;
  const open = async () => {
    const store = await openTokenStore(address);
    const oauth = createOAuthClient({
      store,
      client: { client_name: 'Small disk' },
      onEvent: ({ type, kind, unsaved }) => events.push({ type, kind, unsaved }),
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        if (String(init?.body).includes('grant_type=refresh_token')) onTokenResponse();
        return response;
      },
    });
    return { oauth, store, session: oauth.session({ resource }) };
  };
  const tokenOf = (host) =>
    host.session.accessToken().then(
      (token) => ({ token }),
      ({ code, kind, message }) => ({ code, kind, message }),
    );
  const host = await open();
  const begun = await host.session.beginAuthorization({ redirectUri: 'http://127.0.0.1:9/callback' });
  await host.oauth.completeAuthorization(await person.consent(begun.authorizationUrl), {
    binding: begun.binding,
  });
  const first = await tokenOf(host);

  disk.begin(mount);
  const served = await tokenOf(host);
  await new Promise((resolve) => setTimeout(resolve, firstTokenSeconds * 1_000));
  const refused = await tokenOf(host);
  channel.send('expired on a bad disk');
  await channel.receive();
  disk.end(mount);

  onTokenResponse = () => disk.begin(mount);
  const renewed = await tokenOf(host);
  onTokenResponse = () => undefined;
  const usedFromMemory = await tokenOf(host);
  const loud = [...events];
  const neighbour = await open();
  const onDisk = await neighbour.session.status();
  disk.end(mount);
  for (let tries = 0; tries < 100 && !events.some(({ type }) => type === 'store_recovered'); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const afterwards = await neighbour.session.status();
  const neighbours = await tokenOf(neighbour);
  for (const { oauth, store } of [host, neighbour]) {
    await oauth.close();
    await store.close();
  }
  return {
    servedOld: served.token !== undefined && served.token === first.token,
    refused,
    renewed: renewed.token !== undefined && renewed.token !== first.token,
    usedFromMemory: usedFromMemory.token === renewed.token,
    loud,
    onDisk: { state: onDisk.state, generation: onDisk.generation },
    afterwards: { state: afterwards.state, generation: afterwards.generation },
    sharedWithNeighbour: neighbours.token === renewed.token,
  };
});
