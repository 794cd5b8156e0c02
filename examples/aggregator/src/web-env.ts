import type { Context } from 'hono';
import type { Visitor } from './sign-in/web-session.js';

/** What every request of the web application knows. */
export interface WebEnv {
  Variables: {
    readonly replica: string;
    readonly visitor: Visitor | undefined;
  };
}

/** What pages need of a request: a part that every request has, however much more is known about it. */
export type WebContext = Pick<Context<WebEnv>, 'var' | 'html' | 'header' | 'redirect'> & {
  readonly req: { readonly path: string; readonly raw: Request };
};
