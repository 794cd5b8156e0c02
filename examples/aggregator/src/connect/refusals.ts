import {
  AuthorizationDeniedError,
  CallbackRejectedError,
  ClientClosedError,
  OAuthClientError,
  StoreError,
  TransientError,
} from '@mcp-oauth/core';
import type { CallbackRejectedReason } from '@mcp-oauth/core';
import type { Trouble } from '../trouble/trouble.js';

/** Why a login did not end well. Stands in the address of the page that tells it. */
export type Refusal =
  | CallbackRejectedReason
  | 'signed_out'
  | 'declined'
  | 'server_refused'
  | 'no_tokens'
  | 'try_again'
  | 'broken'
  | 'storage';

/** `broken` where it is no refusal but a defect. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof CallbackRejectedError) return error.reason;
  if (error instanceof AuthorizationDeniedError)
    return error.error === 'access_denied' ? 'declined' : 'server_refused';
  if (error instanceof StoreError) return 'storage';
  if (error instanceof TransientError || error instanceof ClientClosedError) return 'try_again';
  return error instanceof OAuthClientError ? 'no_tokens' : 'broken';
}

const again = 'Nothing was changed. If you want to connect a server, begin anew from the list.';
const suspicious = `If you did not expect this, somebody may have tried to lead you here. ${again}`;

export const refusals: Record<Refusal, Trouble> = {
  state_mismatch: {
    status: 400,
    title: 'This login was not begun here',
    what: 'The answer belongs to no login of this application.',
    advice: suspicious,
  },
  owner_mismatch: {
    status: 403,
    title: 'This login is somebody else’s',
    what: 'It was begun by another user than the one who is signed in here. It was not completed.',
    advice: suspicious,
  },
  binding_mismatch: {
    status: 403,
    title: 'This login was begun in another browser',
    what: 'Only the browser that began a login can complete it.',
    advice: suspicious,
  },
  unknown_flow: {
    status: 410,
    title: 'This login is over',
    what: 'It was completed already, it took longer than ten minutes, or its server was disconnected meanwhile.',
    advice: again,
  },
  iss_mismatch: {
    status: 400,
    title: 'Another server answered',
    what: 'The answer came from another authorization server than the one that was asked. Its code was not used.',
    advice: suspicious,
  },
  iss_missing: {
    status: 400,
    title: 'The answer is not complete',
    what: 'The authorization server announces that it names itself in its answers, and this one does not.',
    advice: suspicious,
  },
  duplicate_parameter: {
    status: 400,
    title: 'The answer contradicts itself',
    what: 'It says the same thing twice.',
    advice: suspicious,
  },
  missing_code: {
    status: 400,
    title: 'The answer is empty',
    what: 'It holds neither a code nor a refusal.',
    advice: again,
  },
  redirect_mismatch: {
    status: 400,
    title: 'The answer came to the wrong address',
    what: 'It is not the address that the login was begun with.',
    advice: suspicious,
  },
  signed_out: {
    status: 403,
    title: 'You are signed out',
    what: 'A login can only be completed by the user who began it.',
    advice: 'Sign in, then connect the server again.',
  },
  declined: {
    status: 403,
    title: 'Access was not allowed',
    what: 'You, or the authorization server, said no. The server was not connected.',
    advice: 'You can connect it at any time.',
  },
  server_refused: {
    status: 502,
    title: 'The authorization server refused',
    what: 'It could not, or would not, do what it was asked for.',
    advice: 'Begin anew. If it happens again, tell whoever runs the server.',
  },
  no_tokens: {
    status: 502,
    title: 'No access was given',
    what: 'The authorization server took your consent, and then gave no access.',
    advice: 'Begin anew. If it happens again, tell whoever runs the server.',
  },
  broken: {
    status: 500,
    title: 'Something broke',
    what: 'This application has a defect. The login was not completed.',
    advice: 'Connect the server again. If it breaks again, tell whoever runs this application.',
  },
  try_again: {
    status: 503,
    title: 'The login could not be completed',
    what: 'The authorization server, or this application, could not finish it. Its code is used up.',
    advice: 'Connect the server again in a moment.',
    retryAfterSeconds: 5,
  },
  storage: {
    status: 503,
    title: 'Our storage does not answer',
    what: 'The login could not be completed. Other logins are kept.',
    advice: 'Connect the server again in a few seconds.',
    retryAfterSeconds: 5,
  },
};
