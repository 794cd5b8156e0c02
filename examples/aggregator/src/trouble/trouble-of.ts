import { AuthorizationRequiredError, OAuthClientError } from '@mcp-oauth/core';
import type { AnyOAuthClientError, TransientError } from '@mcp-oauth/core';
import { McpServerError } from '../tools/mcp-errors.js';
import { TooManyCallsError } from '../tools/slots.js';
import { mcpTrouble, mcpTroubles, tooManyCalls } from './mcp-trouble.js';
import type { Trouble } from './trouble.js';

/** `undefined`: a defect of this program, about which nothing is told. */
export function troubleOf(error: unknown): Trouble | undefined {
  if (error instanceof AuthorizationRequiredError) return loginTrouble(error);
  if (error instanceof OAuthClientError) return oauthTrouble(error as AnyOAuthClientError);
  if (error instanceof McpServerError) return mcpTrouble(error);
  if (error instanceof DOMException && error.name === 'TimeoutError') return mcpTroubles.slow;
  return error instanceof TooManyCallsError ? tooManyCalls[error.whose] : undefined;
}

function loginTrouble({ reason, resource, scope }: AuthorizationRequiredError): Trouble {
  const login = { resource, scope };
  if (reason === 'insufficient_scope') {
    return {
      status: 403,
      title: 'More permission is needed',
      what: 'The server asks for more than you have allowed so far.',
      advice: 'Connect again to allow it. The authorization server shows you what it is.',
      login,
    };
  }
  const first = reason === 'no_grant';
  return {
    status: 403,
    title: first ? 'Not connected' : 'A new login is needed',
    what: first
      ? 'You have not connected this server, or you have disconnected it.'
      : 'The login at this server has ended.',
    advice: 'Connect it to go on.',
    login,
  };
}

function oauthTrouble(error: AnyOAuthClientError): Trouble {
  switch (error.code) {
    case 'store_failed':
      return {
        status: 503,
        title: 'Our storage does not answer',
        what: 'Logins can not be read or written for the moment. Yours is kept; you need not log in again.',
        advice: 'Try again in a few seconds.',
        retryAfterSeconds: 5,
      };
    case 'transient':
      return {
        status: 503,
        title: 'Not right now',
        what: 'A server on the way did not answer. Your login is kept; you need not log in again.',
        advice: 'Try again in a moment.',
        retryAfterSeconds: retryAfter(error),
      };
    case 'step_up_exhausted':
      return {
        status: 403,
        title: 'More permission is needed',
        what: 'The server asks for more than you have allowed, and you have been asked about it a moment ago.',
        advice: 'Connect again if you want to allow it, or tell whoever runs that server.',
        words: error.message,
        login: { resource: error.resource, scope: error.scope },
      };
    case 'closed':
      return {
        status: 503,
        title: 'Not right now',
        what: 'This replica is being stopped.',
        advice: 'Try again: another one answers.',
        retryAfterSeconds: 1,
      };
    default:
      return {
        status: 502,
        title: 'This server can not be used',
        what: 'It, or its authorization server, did something that is not safe or not understood.',
        advice: 'Tell whoever runs it.',
        words: error.message,
      };
  }
}

function retryAfter({ retryAfterMs }: TransientError): number {
  return Math.min(60, Math.max(1, Math.ceil((retryAfterMs ?? 2_000) / 1_000)));
}
