import { createHash } from 'node:crypto';
import type { CallbackPage } from '@mcp-oauth/core';
import { style } from './page-style.js';

/** `ignored` answers whatever is not an awaited callback. */
export type Page = CallbackPage | 'ignored';

interface Content {
  readonly title: string;
  readonly text: string;
  /** The path of the sign in a circle of 24 by 24. */
  readonly sign: string;
}

/** Takes the code out of the address bar and of the history, where it would outlive this page (RFC 9700 section 4.3). */
const script = `history.replaceState(null, '', location.pathname)`;

const tick = '<path d="M6.8 12.5l3.6 3.6L17.4 9"/>';
const dash = '<path d="M7 12h10"/>';
const cross = '<path d="M8 8l8 8m0-8l-8 8"/>';
const dot = '<path d="M12 11v5.5M12 7.6v.1"/>';

const contents: Readonly<Record<Page, Content>> = {
  succeeded: {
    title: 'You are logged in',
    text: 'You can close this tab and go back to your application.',
    sign: tick,
  },
  denied: {
    title: 'The login was declined',
    text: 'No access was granted. You can close this tab and go back to your application.',
    sign: dash,
  },
  failed: {
    title: 'The login did not succeed',
    text: 'Go back to your application: it can tell you why, and you can try again from there.',
    sign: cross,
  },
  ignored: {
    title: 'There is nothing to do here',
    text: 'This address takes the answer to a login that is under way. If you just logged in, go back to your application.',
    sign: dot,
  },
};

/** Bytes that no request has any influence on. */
export const pages: Readonly<Record<Page, Buffer>> = {
  succeeded: render('succeeded'),
  denied: render('denied'),
  failed: render('failed'),
  ignored: render('ignored'),
};

/** Nothing but the one style and the one script of these pages. */
export const contentSecurityPolicy = [
  `default-src 'none'`,
  `style-src '${sourceHash(style)}'`,
  `script-src '${sourceHash(script)}'`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `frame-ancestors 'none'`,
].join('; ');

function render(page: Page): Buffer {
  const { title, text, sign } = contents[page];
  return Buffer.from(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<script>${script}</script>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${style}</style>
</head>
<body class="${page}">
<main>
<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="11"/>${sign}</svg>
<h1>${title}</h1>
<p>${text}</p>
<footer>Shown by the application on your computer.</footer>
</main>
</body>
</html>
`);
}

function sourceHash(source: string): string {
  return `sha256-${createHash('sha256').update(source).digest('base64')}`;
}
