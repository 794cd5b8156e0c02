import type { McpServerError, McpTrouble } from '../tools/mcp-errors.js';
import type { TooManyCallsError } from '../tools/slots.js';
import type { Trouble } from './trouble.js';

export function mcpTrouble({ trouble, words, mayBeDone }: McpServerError): Trouble {
  const told = mcpTroubles[trouble];
  return {
    ...told,
    ...(mayBeDone
      ? {
          what: `${told.what} What was asked for may have been done.`,
          advice: 'Look whether it was before you try again.',
        }
      : {}),
    ...(words === undefined ? {} : { words }),
  };
}

export const mcpTroubles: Record<McpTrouble, Trouble> = {
  away: {
    status: 502,
    title: 'The server is away',
    what: 'The MCP server can not be reached, or fails. Your login is kept.',
    advice: 'Try again later.',
  },
  slow: {
    status: 504,
    title: 'The server takes too long',
    what: 'No answer came in time, so it was given up.',
    advice: 'Try again later.',
  },
  refused: {
    status: 502,
    title: 'The server refused',
    what: 'The MCP server understood the request and said no.',
    advice: 'Change the request, or tell whoever runs the server.',
  },
  unusable: {
    status: 502,
    title: 'This server can not be used',
    what: 'What it answers is not what an MCP server should say.',
    advice: 'Tell whoever runs it.',
  },
};

export const tooManyCalls: Record<TooManyCallsError['whose'], Trouble> = {
  own: {
    status: 429,
    title: 'Too much at once',
    what: 'Too many of your calls are under way.',
    advice: 'Wait for one of them to end, then try again.',
    retryAfterSeconds: 5,
  },
  all: {
    status: 503,
    title: 'Too busy',
    what: 'Calls of other users take up all that this replica can do at once. Yours was not begun.',
    advice: 'Try again in a few seconds.',
    retryAfterSeconds: 5,
  },
};
