import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { csrf } from 'hono/csrf';
import { HTTPException } from 'hono/http-exception';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { secureHeaders } from 'hono/secure-headers';
import type { Application } from './application.js';
import { connectRoutes } from './connect/connect-routes.js';
import { dataRoutes } from './data/data-routes.js';
import { assetRoutes } from './pages/assets.js';
import { serverRoutes } from './servers/server-routes.js';
import { signInRoutes } from './sign-in/sign-in-routes.js';
import { toolRoutes } from './tools/tool-routes.js';
import { noSuchPage, notThisWay, onError } from './trouble/on-error.js';
import { troublePage } from './trouble/trouble-page.js';
import type { WebEnv } from './web-env.js';

const MAX_BODY_BYTES = 64 * 1024;

/** The pages, and what holds for all of them. */
export function webApplication(application: Application): Hono<WebEnv> {
  const { configuration, webSessions } = application;
  const { publicUrl, name } = configuration;
  const web = new Hono<WebEnv>();
  web.get('/health', (c) => c.text('ok'));
  web.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
      referrerPolicy: 'no-referrer',
      xFrameOptions: 'DENY',
      strictTransportSecurity: publicUrl.protocol === 'https:' ? 'max-age=31536000' : false,
    }),
    async (c, next) => {
      await next();
      c.header('Replica', name);
      if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
    },
    async (c, next) => {
      c.set('replica', name);
      c.set('visitor', await webSessions.visitor(c));
      // Another name that leads here, as DNS rebinding makes one, gets nothing.
      if (c.req.header('host') !== publicUrl.host) throw new HTTPException(421);
      await next();
    },
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        throw new HTTPException(413);
      },
    }),
    csrf({ origin: publicUrl.origin }),
    methodNotAllowed({
      app: web,
      onMethodNotAllowed: (c, methods) => {
        c.header('Allow', methods.join(', '));
        return troublePage(c, application, notThisWay);
      },
    }),
  );
  for (const routes of [
    assetRoutes(),
    signInRoutes(application),
    serverRoutes(application),
    connectRoutes(application),
    toolRoutes(application),
    dataRoutes(application),
  ]) {
    web.route('/', routes);
  }
  web.notFound((c) => troublePage(c, application, noSuchPage));
  web.onError(onError(application));
  return web;
}
