import { createMiddleware } from 'hono/factory';
import { HTTPException } from 'hono/http-exception';
import type { WebContext, WebEnv } from '../web-env.js';
import { formFields } from './form-fields.js';
import { isFormTokenOf } from './web-session.js';
import type { Visitor } from './web-session.js';

export interface SignedInEnv {
  Variables: WebEnv['Variables'] & { readonly visitor: Visitor };
}

export type SignedInContext = WebContext & { readonly var: SignedInEnv['Variables'] };

export interface FormEnv {
  Variables: SignedInEnv['Variables'] & { readonly form: Readonly<Record<string, string>> };
}

/** Lets those pass who are signed in, and sends everybody else to the door. */
export const signedIn = createMiddleware<SignedInEnv>(async (c, next) => {
  if ((c.var as WebEnv['Variables']).visitor === undefined) return c.redirect('/sign-in', 303);
  await next();
  return undefined;
});

/** Lets forms pass that this application gave to this very visitor. */
export const genuineForm = createMiddleware<FormEnv>(async (c, next) => {
  const form = await formFields(c);
  if (!isFormTokenOf(c.var.visitor, form['form_token'])) throw new HTTPException(403);
  c.set('form', form);
  await next();
});
