import { Hono } from 'hono';
import { html } from 'hono/html';
import type { Application } from '../application.js';
import { show } from '../pages/layout.js';
import { genuineForm, signedIn } from '../sign-in/signed-in.js';
import { toolList } from '../tools/tool-list.js';
import type { WebEnv } from '../web-env.js';
import { badges } from './badge.js';
import { disconnectedPage } from './disconnected-page.js';
import { serverDetails } from './server-details.js';
import { serverListPage } from './server-list-page.js';
import { serverNamed, serverPath } from './server-path.js';
import { serverState, serverStates } from './server-state.js';

export function serverRoutes(app: Application): Hono<WebEnv> {
  const routes = new Hono<WebEnv>();
  routes.get('/', signedIn, async (c) => {
    const { visitor } = c.var;
    const states = await serverStates(app, visitor.user.id);
    return show(c, { title: 'Your servers', body: serverListPage(visitor, states) });
  });
  routes.get('/servers/:server', signedIn, async (c) => {
    const { visitor } = c.var;
    const server = serverNamed(app, c.req.param('server'));
    const notice = await app.connectedNotices.take(c, {
      owner: visitor.user.id,
      resource: server.resource,
    });
    const before = await serverState(app, visitor.user.id, server);
    const hasTools = before === undefined || before.login === 'connected';
    const tools = hasTools ? await toolList(c, app, server) : '';
    // Asking for the tools may have renewed the token.
    const state = before && hasTools ? await serverState(app, visitor.user.id, server) : before;
    return show(c, {
      title: server.name,
      body: html`<p class="crumb"><a href="/">Servers</a></p>
        <h1>${server.name}</h1>
        <p class="where">${server.config.url}</p>
        ${state && html`<p>${badges(state)}</p>`}
        ${
          notice &&
          html`<p class="notice" role="status">
            <strong>Connected.</strong> <strong>${notice.begunBy}</strong> began this login and
            <strong>${notice.completedBy}</strong> completed it.
          </p>`
        }
        ${serverDetails(visitor, server, state)} ${tools}`,
    });
  });
  routes.post('/servers/:server/disconnect', signedIn, genuineForm, async (c) => {
    const server = serverNamed(app, c.req.param('server'));
    const report = await app.host.session(c.var.visitor.user.id, server).revoke();
    return show(c, {
      title: `${server.name} is disconnected`,
      body: disconnectedPage(server.name, serverPath(server), report),
    });
  });
  return routes;
}
