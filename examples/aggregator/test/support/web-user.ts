import type { Browser, BrowserContext, BrowserContextOptions, Page, Response } from 'playwright-core';

/** Somebody at a browser of their own. */
export class WebUser {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly #base: URL;
  readonly #responses: Promise<string>[] = [];

  private constructor(base: URL, context: BrowserContext, page: Page) {
    this.#base = base;
    this.context = context;
    this.page = page;
    page.on('response', (response) => {
      if (new URL(response.url()).origin === base.origin) this.#responses.push(textOf(response));
    });
  }

  static async signedIn(
    browser: Browser,
    base: URL,
    name: string,
    // No page of this application needs a script.
    options: BrowserContextOptions = { javaScriptEnabled: false },
  ): Promise<WebUser> {
    const context = await browser.newContext(options);
    const user = new WebUser(base, context, await context.newPage());
    await user.open('/sign-in');
    await user.page.getByRole('button', { name }).click();
    await user.page.getByRole('heading', { name: 'Your servers' }).waitFor();
    return user;
  }

  async open(path: string): Promise<Response | null> {
    return await this.page.goto(new URL(path, this.#base).href);
  }

  /** Connects a server, up to and with the consent. */
  async connect(server: string): Promise<void> {
    await this.beginConnecting(server);
    await this.page.getByRole('button', { name: 'Allow' }).click();
    await this.page.getByText('Connected.', { exact: true }).waitFor();
  }

  /** Up to the consent page of the authorization server. */
  async beginConnecting(server: string): Promise<void> {
    await this.open(`/servers/${server}`);
    await this.page.getByRole('button', { name: `Connect ${server}` }).click();
    await this.consentPage();
  }

  async consentPage(): Promise<void> {
    const signIn = this.page.getByRole('heading', { name: 'Sign in' });
    const consent = this.page.getByRole('heading', { name: 'Allow access?' });
    await signIn.or(consent).waitFor();
    if (await consent.isVisible()) return;
    await this.page.getByLabel('User name').fill('somebody');
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await consent.waitFor();
  }

  /** Says yes, and stops at the door: the address that the browser would go to next. */
  async callbackAfterConsent(): Promise<string> {
    const { request } = this.context;
    let response = await request.post(this.page.url(), { form: { decision: 'allow' }, maxRedirects: 0 });
    for (;;) {
      const { location } = response.headers();
      if (location === undefined) throw new Error('The authorization server did not lead back.');
      const target = new URL(location, response.url());
      if (target.origin === this.#base.origin) return target.href;
      response = await request.get(target.href, { maxRedirects: 0 });
    }
  }

  async callTool(
    server: string,
    tool: string,
    values: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    await this.open(`/servers/${server}/tools/${tool}`);
    for (const [label, value] of Object.entries(values))
      await this.page.getByLabel(label, { exact: true }).fill(value);
    await this.page.getByRole('button', { name: 'Call' }).click();
    return await this.page.getByRole('region', { name: 'Text of the answer' }).innerText();
  }

  /** Which replica made the page that is shown. */
  async replica(): Promise<string> {
    return await this.page.locator('footer strong').innerText();
  }

  async heading(): Promise<string> {
    return await this.page.getByRole('heading', { level: 1 }).innerText();
  }

  /** Headers and bodies of everything that this browser got from the application. */
  async responses(): Promise<readonly string[]> {
    return await Promise.all(this.#responses);
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}

async function textOf(response: Response): Promise<string> {
  const headers = (await response.headersArray()).map(({ name, value }) => `${name}: ${value}`);
  const hasBody = response.status() < 300 || response.status() >= 400;
  const { origin, pathname } = new URL(response.url());
  const body = hasBody ? await response.text().catch(() => '') : '';
  return [`${String(response.status())} ${origin}${pathname}`, ...headers, body].join('\n');
}
