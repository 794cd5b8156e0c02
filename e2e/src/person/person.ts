import { CookieJar } from './cookie-jar.js';
import { formsIn, type HtmlForm } from './html-form.js';
import { scriptedDecisionHeader, scriptedUserHeader } from './scripted-answer.js';

export interface PersonOptions {
  /** Who logs in. Default: `alice`, or whom a strict server's `decide` names. */
  readonly user?: string;
  /** Default: `allow`, or what a strict server's `decide` says. */
  readonly decision?: 'allow' | 'deny';
  readonly signal?: AbortSignal;
}

export interface Visit {
  /** Where the login ended, with its query. */
  readonly callbackUrl: string;
  /** What was shown there. */
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
}

/** A person at a browser, without the browser: logs in, clicks Allow or Deny, follows redirects with cookies. */
export const person = { consent, visit, approveDevice };

/** Goes through login and consent. Resolves with the redirect to the client, to the letter, and does not follow it. */
async function consent(authorizationUrl: string | URL, options: PersonOptions = {}): Promise<string> {
  const start = new URL(authorizationUrl);
  const redirectUri = start.searchParams.get('redirect_uri');
  const walk = new Walk(start.origin, redirectUri, options);
  const end = await walk.from(start);
  if (end.callbackUrl === undefined) {
    throw new Error(
      `The login at ${start.origin} ended on a page (status ${String(end.status)}): ${end.title}`,
    );
  }
  return end.callbackUrl;
}

/** Like `consent`, and then opens the redirect as the browser would. */
async function visit(authorizationUrl: string | URL, options: PersonOptions = {}): Promise<Visit> {
  const callbackUrl = await consent(authorizationUrl, options);
  const response = await fetch(callbackUrl, { ...(options.signal ? { signal: options.signal } : {}) });
  return { callbackUrl, status: response.status, body: await response.text(), headers: response.headers };
}

/** Opens the `verification_uri_complete` of a device authorization (RFC 8628) and confirms, or declines. */
async function approveDevice(
  verificationUriComplete: string | URL,
  options: PersonOptions = {},
): Promise<void> {
  const start = new URL(verificationUriComplete);
  const end = await new Walk(start.origin, null, options).from(start);
  if (end.status !== 200) {
    throw new Error(`The device page of ${start.origin} answered ${String(end.status)}: ${end.title}`);
  }
}

/** Either the client's redirect, or the page that nothing can be clicked on. */
interface WalkEnd {
  readonly callbackUrl: string | undefined;
  readonly status: number;
  readonly title: string;
}

const maxSteps = 20;

class Walk {
  readonly #jar = new CookieJar();
  readonly #origin: string;
  readonly #redirectUri: string | null;
  readonly #options: PersonOptions;
  /** Said no; the page after that is the last one, whatever it offers. */
  #declined = false;

  constructor(origin: string, redirectUri: string | null, options: PersonOptions) {
    this.#origin = origin;
    this.#redirectUri = redirectUri;
    this.#options = options;
  }

  async from(start: URL): Promise<WalkEnd> {
    let url = start;
    let form: URLSearchParams | undefined;
    for (let step = 0; step < maxSteps; step += 1) {
      const response = await this.#request(url, form);
      const location = response.headers.get('location');
      if (location !== null) {
        await response.body?.cancel();
        const target = new URL(location, url);
        if (this.#isCallback(target)) return { callbackUrl: location, status: response.status, title: '' };
        url = target;
        form = undefined;
        continue;
      }
      const html = await response.text();
      const page = response.status === 200 && !this.#declined ? formsIn(html)[0] : undefined;
      if (page === undefined)
        return { callbackUrl: undefined, status: response.status, title: titleOf(html) };
      form = this.#fillIn(page);
      url = new URL(page.action, url);
    }
    throw new Error(`The login at ${this.#origin} did not end within ${String(maxSteps)} pages.`);
  }

  async #request(url: URL, form: URLSearchParams | undefined): Promise<Response> {
    const { user, decision, signal } = this.#options;
    const response = await fetch(url, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        ...this.#jar.header(url),
        ...(user === undefined ? {} : { [scriptedUserHeader]: user }),
        ...(decision === undefined ? {} : { [scriptedDecisionHeader]: decision }),
      },
      ...(form ? { body: form } : {}),
      ...(signal ? { signal } : {}),
    });
    this.#jar.take(response.headers);
    return response;
  }

  #fillIn(form: HtmlForm): URLSearchParams {
    const { user = 'alice', decision = 'allow' } = this.#options;
    const filled = new URLSearchParams(form.fields);
    for (const name of form.textFields) filled.set(name, user);
    const button =
      form.buttons.find(({ value }) => value === decision) ??
      (form.buttons.length === 1 ? form.buttons[0] : undefined);
    if (button) filled.set(button.name, button.value);
    this.#declined = button?.value === 'deny';
    return filled;
  }

  #isCallback(target: URL): boolean {
    const bare = new URL(target);
    bare.search = '';
    bare.hash = '';
    return target.origin !== this.#origin || bare.href === this.#redirectUri;
  }
}

function titleOf(html: string): string {
  return /<title>([^<]*)<\/title>/i.exec(html)?.[1] ?? 'a page without a title';
}
