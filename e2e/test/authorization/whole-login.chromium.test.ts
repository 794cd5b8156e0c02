import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOAuthClient } from '@mcp-oauth/core';
import type { Browser, BrowserResult } from '@mcp-oauth/core';
import { launchChromium, startMcpServer, startOidcProvider } from '@mcp-oauth/e2e';
import { LoopbackCallbackListener } from '@mcp-oauth/node';
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Browser as Chromium, Page } from 'playwright-core';

// A browser takes its time to start.
jest.setTimeout(60_000);

let chromium: Chromium;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium.close());
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A tab of real Chromium, in which somebody signs in and presses a button. */
class ChromiumTab implements Browser {
  readonly page: Promise<Page> = chromium.newPage();
  readonly #button: 'Allow' | 'Deny';
  seen: Promise<void> = Promise.resolve();

  constructor(button: 'Allow' | 'Deny') {
    this.#button = button;
  }

  open(url: URL): Promise<BrowserResult> {
    this.seen = this.#signIn(url.href);
    this.seen.catch(() => undefined);
    return Promise.resolve({ opened: true });
  }

  async #signIn(url: string): Promise<void> {
    const page = await this.page;
    await page.goto(url);
    await page.getByLabel('User name').fill('hana');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: this.#button }).click();
    await page.waitForURL('http://localhost:*/callback*');
  }
}

async function host(button: 'Allow' | 'Deny') {
  const provider = await startOidcProvider();
  const mcp = await startMcpServer({ authorizationServers: [provider] });
  const directory = await mkdtemp(join(tmpdir(), 'mcp-oauth-chromium-'));
  const tab = new ChromiumTab(button);
  const oauth = createOAuthClient({
    store: new FileTokenStore({ directory: join(directory, 'store') }),
    client: { client_name: 'Chromium host' },
    browser: tab,
    callbackListener: new LoopbackCallbackListener(),
  });
  closing.push(
    () => rm(directory, { recursive: true, force: true }),
    () => provider.close(),
    () => mcp.close(),
    () => oauth.close(),
    async () => (await tab.page).close(),
  );
  return { mcp, tab, session: oauth.session({ resource: mcp.url }) };
}

test('in real Chromium a person logs in, consents, sees that it worked, and the tool answers', async () => {
  const { mcp, tab, session } = await host('Allow');
  await session.authorize();
  await tab.seen;
  const page = await tab.page;
  expect(await page.getByRole('heading').innerText()).toMatch(
    /logged in|signed in|connected|complete|success/i,
  );
  // A script clears the address once the page is there.
  await page.waitForURL((url) => url.search === '');
  const client = new Client({ name: 'test', version: '1' });
  closing.push(() => client.close());
  await client.connect(new StreamableHTTPClientTransport(mcp.url, { fetch: session.fetch }));
  const answer = await client.callTool({ name: 'whoami', arguments: {} });
  expect(JSON.stringify(answer)).toContain('hana');
});

test('in real Chromium a person denies, sees so, and nothing is stored', async () => {
  const { tab, session } = await host('Deny');
  await expect(session.authorize()).rejects.toMatchObject({
    code: 'authorization_denied',
    error: 'access_denied',
  });
  await tab.seen;
  expect(await (await tab.page).getByRole('heading').innerText()).toMatch(/declined|denied|not/i);
  expect(await session.status()).toMatchObject({ state: 'logged_out' });
});
