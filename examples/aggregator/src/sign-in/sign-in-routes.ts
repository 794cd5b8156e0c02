import { Hono } from 'hono';
import { html } from 'hono/html';
import type { Application } from '../application.js';
import { show } from '../pages/layout.js';
import type { WebEnv } from '../web-env.js';
import { formFields } from './form-fields.js';
import { genuineForm, signedIn } from './signed-in.js';
import { exampleUsers, userById } from './users.js';

export function signInRoutes({ webSessions, connectedNotices }: Application): Hono<WebEnv> {
  const routes = new Hono<WebEnv>();
  routes.get('/sign-in', (c) =>
    c.var.visitor ? c.redirect('/', 303) : show(c, { title: 'Sign in', body: signInPage() }),
  );
  routes.post('/sign-in', async (c) => {
    const { user: id = '' } = await formFields(c);
    const user = userById(id);
    if (!user) return c.redirect('/sign-in', 303);
    await webSessions.start(c, user);
    connectedNotices.clear(c);
    return c.redirect('/', 303);
  });
  routes.post('/sign-out', signedIn, genuineForm, (c) => {
    webSessions.end(c);
    connectedNotices.clear(c);
    return c.redirect('/sign-in', 303);
  });
  return routes;
}

function signInPage() {
  return html`<h1>Sign in</h1>
    <p class="lead">Who are you today?</p>
    <form method="post" action="/sign-in" class="choices">
      ${exampleUsers.map(
        ({ id, name }) =>
          html`<button name="user" value="${id}">
            <span class="face" aria-hidden="true">${name.slice(0, 1)}</span>${name}
          </button>`,
      )}
    </form>
    <p class="note">
      There are no passwords: this page stands for your own sign-in. The library wants to know one thing of
      it, who somebody is, since every login at an MCP server belongs to one user.
    </p>`;
}
