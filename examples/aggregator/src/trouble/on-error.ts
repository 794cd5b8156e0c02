import { HTTPException } from 'hono/http-exception';
import type { Application } from '../application.js';
import type { WebContext } from '../web-env.js';
import { defect } from './defect.js';
import { NoSuchPageError } from './no-such-page-error.js';
import { troublePage } from './trouble-page.js';
import { troubleOf } from './trouble-of.js';
import type { Trouble } from './trouble.js';

/** Every page that does not go as planned. */
export function onError(app: Application) {
  return (error: Error, c: WebContext) => {
    const planned = plannedTrouble(error);
    if (!planned) app.onDefect(error);
    return troublePage(c, app, planned ?? defect);
  };
}

export const noSuchPage: Trouble = {
  status: 404,
  title: 'There is no such page',
  what: 'The address leads nowhere, or to a server or tool that is not there any more.',
  advice: 'Begin anew with the list of your servers.',
};

export const notThisWay: Trouble = {
  status: 405,
  title: 'Not this way',
  what: 'This address exists, but not for what was asked of it.',
  advice: 'Begin anew with the list of your servers.',
};

function plannedTrouble(error: Error): Trouble | undefined {
  if (error instanceof NoSuchPageError) return noSuchPage;
  if (!(error instanceof HTTPException)) return troubleOf(error);
  return refusals[error.status];
}

const refusals: Readonly<Record<number, Trouble>> = {
  400: {
    status: 400,
    title: 'This form can not be read',
    what: 'What was sent is not a form, or not all of one. Nothing was done.',
    advice: 'Open the page again and send the form from there.',
  },
  403: {
    status: 403,
    title: 'This form was not sent from here',
    what: 'It came from another site, or from a page of an earlier sign-in. Nothing was done.',
    advice: 'Open the page again and send the form from there.',
  },
  413: {
    status: 413,
    title: 'That is too much',
    what: 'A form may hold 64 KiB.',
    advice: 'Shorten it and send it again.',
  },
  421: {
    status: 421,
    title: 'This is not the address of this application',
    what: 'The request names a host that is not ours.',
    advice: 'Use the address that you were given.',
  },
};
