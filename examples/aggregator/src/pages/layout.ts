import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Visitor } from '../sign-in/web-session.js';
import type { WebContext } from '../web-env.js';
import { stylesheetPath } from './assets.js';

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

export interface Page {
  /** Of this page alone; the application's name is added. */
  readonly title: string;
  readonly body: Html;
  readonly status?: ContentfulStatusCode;
  /** Further elements of the head. */
  readonly head?: Html;
}

/** Answers with a whole page. */
export function show(c: WebContext, { title, body, status = 200, head }: Page) {
  const { visitor, replica } = c.var;
  return c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>${title} · Example aggregator</title>
          <link rel="stylesheet" href="${stylesheetPath}" />
          <link rel="icon" type="image/svg+xml" href="/icon.svg" />
          ${head ?? ''}
        </head>
        <body>
          <a class="skip" href="#main">Skip to the content</a>
          ${banner(visitor, c.req.path)}
          <main id="main" tabindex="-1">${body}</main>
          <footer>
            <p>
              Answered by <strong>${replica}</strong>. The replicas take turns; any of them can answer you.
            </p>
          </footer>
        </body>
      </html>`,
    status,
  );
}

function banner(visitor: Visitor | undefined, path: string): Html {
  const current = (here: boolean) => (here ? html`aria-current="page"` : '');
  return html`<header>
    <a class="brand" href="/">Example aggregator</a>
    ${
      visitor &&
      html`<nav aria-label="Main">
          <a href="/" ${current(path === '/')}>Servers</a>
          <a href="/data" ${current(path === '/data')}>Your data</a>
        </nav>
        <form class="who" method="post" action="/sign-out">
          ${formToken(visitor)}
          <span>Signed in as <strong>${visitor.user.name}</strong></span>
          <button class="quiet">Sign out</button>
        </form>`
    }
  </header>`;
}

/** Stands in every form of somebody who is signed in. */
export function formToken({ formToken: token }: Visitor): Html {
  return html`<input type="hidden" name="form_token" value="${token}" />`;
}
