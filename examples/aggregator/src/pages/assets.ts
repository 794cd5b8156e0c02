import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Hono } from 'hono';
import type { WebEnv } from '../web-env.js';

const read = (name: string): string => readFileSync(new URL(`../../assets/${name}`, import.meta.url), 'utf8');

/** In this order: later ones refine earlier ones. */
const sheets = ['colours', 'frame', 'text', 'controls', 'sign-in', 'servers'];
const stylesheet = sheets.map((name) => read(`style/${name}.css`)).join('\n');
const icon = read('icon.svg');
const version = createHash('sha256').update(stylesheet).digest('base64url').slice(0, 10);

/** Another address with every change, so that browsers may keep it. */
export const stylesheetPath = `/style.${version}.css`;

export function assetRoutes(): Hono<WebEnv> {
  const routes = new Hono<WebEnv>();
  routes.get(stylesheetPath, (c) => {
    c.header('Cache-Control', 'public, max-age=31536000, immutable');
    return c.body(stylesheet, 200, { 'Content-Type': 'text/css; charset=utf-8' });
  });
  routes.get('/icon.svg', (c) => {
    c.header('Cache-Control', 'public, max-age=3600');
    return c.body(icon, 200, { 'Content-Type': 'image/svg+xml' });
  });
  return routes;
}
