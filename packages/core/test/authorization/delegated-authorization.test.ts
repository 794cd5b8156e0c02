import { expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import type { CallbackListener } from '@mcp-oauth/core';
import { RESOURCE, ScriptedServer } from '../token/scripted-server.js';

const redirectUri = 'https://host.example/callback';
const tokens = { access_token: 'access', token_type: 'Bearer', expires_in: 60 };

async function login() {
  const session = new ScriptedServer().client(new MemoryTokenStore()).session({ resource: RESOURCE });
  const delegated = await session.delegateAuthorization({ redirectUri });
  delegated.takeVerifier();
  return { session, delegated };
}

test.each([
  ['an access token that would break out of its header', { access_token: 'cnry\r\nx: y' }],
  ['a refresh token with letters that no header has', { refresh_token: 'cnry\u2026' }],
  ['a token of 20 kB', { access_token: 'cnry'.repeat(5_000) }],
  ['an empty token', { access_token: '' }],
  ['a token of a type that nobody knows', { token_type: 'mac' }],
  ['a bound token that no key was shown for', { token_type: 'DPoP' }],
])('%s is not kept, whichever library has read it, and is not repeated', async (_, bad) => {
  const { session, delegated } = await login();
  const error = await delegated.commit({ ...tokens, ...bad }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'token_request_failed' });
  expect(String(error)).not.toContain('cnry');
  await expect(session.accessToken()).rejects.toMatchObject({ code: 'authorization_required' });
});

test.each([-1, Number.NaN, Number.MAX_VALUE])(
  'a lifetime of %s seconds tells nothing, and damages no record',
  async (expires_in) => {
    const { session, delegated } = await login();
    await delegated.commit({ ...tokens, expires_in });
    expect(await session.currentToken()).toMatchObject({ access_token: 'access', expires_at: undefined });
    expect(await session.status()).toMatchObject({ state: 'logged_in' });
  },
);

test('A42: forged answers without end end the wait after a hundred, and free the port', async () => {
  let answers = 0;
  let isClosed = false;
  const local = 'http://localhost:9876/callback';
  const callbackListener: CallbackListener = {
    listen: () =>
      Promise.resolve({
        redirectUri: local,
        response: (state) => {
          answers++;
          const url = new URL(
            `${local}?${new URLSearchParams({ state, code: 'x', iss: 'https://evil.example' }).toString()}`,
          );
          return Promise.resolve({ url, show: () => undefined });
        },
        close: () => {
          isClosed = true;
          return Promise.resolve();
        },
      }),
  };
  const oauth = new ScriptedServer().client(new MemoryTokenStore(), { callbackListener });
  const delegated = await oauth.session({ resource: RESOURCE }).delegateAuthorization();
  await expect(delegated.code()).rejects.toMatchObject({ code: 'callback_rejected', reason: 'iss_mismatch' });
  expect({ answers, isClosed }).toEqual({ answers: 101, isClosed: true });
});
