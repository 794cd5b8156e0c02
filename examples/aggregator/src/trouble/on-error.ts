import { stderr } from 'node:process';
import { HTTPException } from 'hono/http-exception';
import type { Application } from '../application.js';
import type { WebContext } from '../web-env.js';
import { NoSuchPageError } from './no-such-page-error.js';
import { troublePage } from './trouble-page.js';
import { troubleOf } from './trouble.js';
import type { Trouble } from './trouble.js';

/** Every page that does not go as planned. */
export function onError(app: Application) {
  return (error: Error, c: WebContext) => troublePage(c, app, plannedTrouble(error) ?? defect(error));
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

/** The name alone: what an unknown error says may hold what it was working on. */
export function reportDefect(error: unknown): void {
  stderr.write(`A page failed: ${error instanceof Error ? error.name : typeof error}\n`);
}

function defect(error: Error): Trouble {
  reportDefect(error);
  return {
    status: 500,
    title: 'Something broke',
    what: 'This application has a defect.',
    advice: 'Try again. If it breaks again, tell whoever runs it.',
  };
}
