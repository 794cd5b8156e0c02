import { html } from 'hono/html';
import type { Application } from '../application.js';
import { connectForm } from '../connect/connect-form.js';
import { show } from '../pages/layout.js';
import type { Html } from '../pages/layout.js';
import { serverText } from '../pages/server-text.js';
import type { WebContext } from '../web-env.js';
import type { Trouble } from './trouble.js';

/** The whole page for something that can't be done. */
export function troublePage(c: WebContext, app: Application, trouble: Trouble) {
  if (trouble.retryAfterSeconds !== undefined) c.header('Retry-After', String(trouble.retryAfterSeconds));
  return show(c, {
    status: trouble.status,
    title: trouble.title,
    body: html`<h1>${trouble.title}</h1>
      ${troubleText(c, app, trouble)}
      <p><a href="/">Back to your servers</a></p>`,
  });
}

/** The same as a part of a page. */
export function troubleText(c: WebContext, app: Application, trouble: Trouble): Html {
  const { what, advice, words } = trouble;
  return html`<p class="what">${what}</p>
    ${words === undefined ? '' : html`<blockquote class="words"><bdi>${serverText(words)}</bdi></blockquote>`}
    <p>${advice}</p>
    ${loginForm(c, app, trouble)}`;
}

function loginForm({ var: { visitor } }: WebContext, app: Application, { login }: Trouble): Html | '' {
  const server = [...app.configuration.servers.values()].find(({ resource }) => resource === login?.resource);
  if (!visitor || !server) return '';
  return connectForm(visitor, server, { label: `Connect ${server.name}`, scope: login?.scope });
}
