import { Hono } from 'hono';
import type { Application } from '../application.js';
import { serverNamed, serverPath } from '../servers/server-path.js';
import { genuineForm, signedIn } from '../sign-in/signed-in.js';
import { troublePage } from '../trouble/trouble-page.js';
import { noSuchPage } from '../trouble/on-error.js';
import type { WebEnv } from '../web-env.js';
import { BindingCookies } from './binding-cookie.js';
import { leavePage } from './leave-page.js';
import { refusalOf, refusals } from './refusals.js';
import type { Refusal } from './refusals.js';

const CALLBACK_PATH = '/oauth/callback';
const BEGIN_TIMEOUT_MS = 15_000;
/** RFC 6749 section 3.3: scope tokens, with blanks between. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/** The two halves of a login. Each may be taken by another replica. */
export function connectRoutes(app: Application): Hono<WebEnv> {
  const { publicUrl } = app.configuration;
  const bindings = new BindingCookies(publicUrl, { begin: '/servers', callback: CALLBACK_PATH });
  const redirectUri = new URL(CALLBACK_PATH, publicUrl).href;
  const routes = new Hono<WebEnv>();
  routes.post('/servers/:server/connect', signedIn, genuineForm, async (c) => {
    const server = serverNamed(app, c.req.param('server'));
    const { scope = '' } = c.var.form;
    const session = app.host.session(c.var.visitor.user.id, server);
    const { authorizationUrl, binding } = await session.beginAuthorization({
      redirectUri,
      ...(scope.length <= 1_000 && SCOPE.test(scope) ? { scope } : {}),
      signal: AbortSignal.any([c.req.raw.signal, AbortSignal.timeout(BEGIN_TIMEOUT_MS)]),
    });
    const state = authorizationUrl.searchParams.get('state') ?? '';
    bindings.set(c, state, { binding, begunBy: c.var.replica });
    return leavePage(c, server, authorizationUrl);
  });
  routes.get(CALLBACK_PATH, async (c) => {
    // Whatever comes of it: code and state leave the address, and with it the history of the browser.
    const { visitor, replica } = c.var;
    const callback = new URL(c.req.url);
    const state = callback.searchParams.get('state') ?? '';
    const refuse = (refusal: Refusal) => {
      // The store may have kept the login: where it was asked in vain, the same callback can still complete it.
      if (refusal !== 'storage') bindings.delete(c, state);
      return c.redirect(`/oauth/refused/${refusal}`, 303);
    };
    if (!visitor) return refuse('signed_out');
    const bound = bindings.get(c, state);
    try {
      const { resource } = await app.host.oauth.completeAuthorization(callback, {
        owner: visitor.user.id,
        binding: bound?.binding ?? '',
      });
      bindings.delete(c, state);
      const server = [...app.configuration.servers.values()].find((known) => known.resource === resource);
      if (!server) return c.redirect('/', 303);
      const login = { owner: visitor.user.id, resource };
      await app.connectedNotices.set(c, login, { begunBy: bound?.begunBy ?? '', completedBy: replica });
      return c.redirect(serverPath(server), 303);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === 'broken') app.onDefect(error);
      return refuse(refusal);
    }
  });
  routes.get('/oauth/refused/:refusal', (c) => {
    const name = c.req.param('refusal');
    const trouble = Object.hasOwn(refusals, name) ? refusals[name as Refusal] : noSuchPage;
    return troublePage(c, app, trouble);
  });
  return routes;
}
