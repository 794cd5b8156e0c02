import { Hono } from 'hono';
import type { Application } from '../application.js';
import { show } from '../pages/layout.js';
import { genuineForm, signedIn } from '../sign-in/signed-in.js';
import type { WebEnv } from '../web-env.js';
import { deletedPage, deletePage } from './data-pages.js';

/** What this application keeps for a user, and the way to have all of it deleted. */
export function dataRoutes({ host, configuration }: Application): Hono<WebEnv> {
  const nameOf = (resource: string): string =>
    [...configuration.servers.values()].find((server) => server.resource === resource)?.name ?? resource;
  const routes = new Hono<WebEnv>();
  routes.get('/data', signedIn, async (c) => {
    const { visitor } = c.var;
    const sessions = await host.oauth.sessions({ owner: visitor.user.id });
    const names = sessions.map(({ resource }) => nameOf(resource));
    return show(c, { title: 'Your data', body: deletePage(visitor, names) });
  });
  routes.post('/data/delete', signedIn, genuineForm, async (c) => {
    const forgotten = await host.oauth.forgetOwner({ owner: c.var.visitor.user.id });
    const rows = forgotten.map((session) => ({ name: nameOf(session.resource), ...session }));
    return show(c, { title: 'Your data is deleted', body: deletedPage(rows) });
  });
  return routes;
}
