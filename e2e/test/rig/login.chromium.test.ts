import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { auth } from '@modelcontextprotocol/sdk/client/auth.js';
import type { Browser } from 'playwright-core';
import { launchChromium, startMcpServer, startOidcProvider, type OidcProvider } from '@mcp-oauth/e2e';
import { NaiveProvider } from './sdk-login.js';

// A browser takes its time to start.
jest.setTimeout(60_000);

let browser: Browser;
const running: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((part) => part.close()));
});

/** A login that was begun, with a page of ours to come back to. */
async function beginLogin(): Promise<{ as: OidcProvider; authorizationUrl: string; redirectUrl: string }> {
  const as = await startOidcProvider();
  const mcp = await startMcpServer({ authorizationServers: [as] });
  const callback = await startMcpServer();
  running.push(as, mcp, callback);
  const redirectUrl = `${callback.origin}/callback`;
  const provider = Object.assign(new NaiveProvider(), { redirectUrl });
  Object.assign(provider.clientMetadata, { redirect_uris: [redirectUrl], client_name: 'Rig <b>&' });
  await auth(provider, { serverUrl: mcp.url });
  return { as, authorizationUrl: provider.authorizationUrls[0]!.href, redirectUrl };
}

for (const javaScriptEnabled of [true, false]) {
  test(`a person signs in and allows, with JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
    const { as, authorizationUrl, redirectUrl } = await beginLogin();
    const page = await browser.newPage({ javaScriptEnabled });
    try {
      await page.goto(authorizationUrl);
      expect(await page.title()).toBe('Sign in');
      await page.getByLabel('User name').fill('hana');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Allow access?' }).waitFor();
      const text = await page.locator('main').innerText();
      expect(text).toContain('hana');
      expect(text).toContain('Rig <b>&');
      expect(await page.getByRole('listitem').allInnerTexts()).toEqual(['mcp:tools', 'mcp:admin']);
      await page.getByRole('button', { name: 'Allow' }).click();
      await page.waitForURL(`${redirectUrl}?**`);
      const { searchParams } = new URL(page.url());
      expect(searchParams.get('code')).not.toBeNull();
      expect(searchParams.get('iss')).toBe(as.issuer);
    } finally {
      await page.close();
    }
  });
}

test('a person denies', async () => {
  const { authorizationUrl, redirectUrl } = await beginLogin();
  const page = await browser.newPage();
  try {
    await page.goto(authorizationUrl);
    await page.getByLabel('User name').fill('hana');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.waitForURL(`${redirectUrl}?**`);
    expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied');
  } finally {
    await page.close();
  }
});
