import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import { listenOn } from '../support/listening.js';
import { until } from '../support/waiting.js';

const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0'];

test('A50: in a real browser the page takes the code out of the address', async () => {
  const { listening, uri } = await listenOn();
  const response = listening.response('s');
  const browser = await browse(`${uri}?code=c&state=s`);

  (await response).show('succeeded');

  try {
    // Chromium tells of a title before it tells of an address that a script changed.
    await until(async () => (await browser.tabs()).some(({ url }) => url === uri));
    const [tab] = (await browser.tabs()).filter(({ url }) => url.startsWith(uri));
    expect(tab).toMatchObject({ title: 'You are logged in', url: uri });
  } finally {
    await browser.close();
  }
}, 60_000);

interface Tab {
  readonly title: string;
  readonly url: string;
}

async function browse(url: string) {
  const profile = await mkdtemp(join(tmpdir(), 'callback-page-'));
  const chromium = spawn(
    process.env.CHROMIUM_PATH ?? 'chromium',
    [...flags, `--user-data-dir=${profile}`, url],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    },
  );
  const exited = once(chromium, 'exit');
  const inspector = await inspectorOf(chromium.stderr);
  return {
    tabs: async () => (await (await fetch(`http://${inspector}/json/list`)).json()) as Tab[],
    close: async () => {
      if (chromium.pid !== undefined) process.kill(-chromium.pid, 'SIGKILL');
      await exited;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The host and port where Chromium tells what its tabs show. */
async function inspectorOf(stderr: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stderr })) {
    const [, host] = /^DevTools listening on ws:\/\/([^/]+)\//.exec(line) ?? [];
    if (host !== undefined) return host;
  }
  throw new Error('Chromium ended before it listened.');
}
