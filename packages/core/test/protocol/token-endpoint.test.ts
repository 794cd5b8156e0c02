import { expect, test } from '@jest/globals';
import { generateJwk, keyOfJwk } from '../../src/dpop/dpop-key.js';
import { Dpop } from '../../src/dpop/dpop.js';
import { OAuthHttp } from '../../src/http/oauth-http.js';
import { TokenEndpoint } from '../../src/protocol/token-endpoint.js';
import { ClientKeyring } from '../../src/registration/client-keys.js';

const server = { issuer: 'https://as.example', token_endpoint: 'https://as.example/token' };
const TIMEOUT_MS = 30_000;

const wantsNonce = () =>
  Response.json({ error: 'use_dpop_nonce' }, { status: 400, headers: { 'dpop-nonce': 'n1' } });
const tokens = () =>
  Response.json({ access_token: 'access', refresh_token: 'next', token_type: 'DPoP', expires_in: 60 });

/** Refreshes a bound token at a server that answers so, each time after `answerMs` on the client's clock. */
async function refreshed(answers: readonly (() => Response)[], answerMs: number) {
  let elapsed = 0;
  let sent = 0;
  const clock = { now: () => Date.now(), monotonic: () => elapsed };
  const http = new OAuthHttp(() => {
    elapsed += answerMs;
    return Promise.resolve(answers[Math.min(sent++, answers.length - 1)]?.() ?? tokens());
  }, clock);
  const key = await generateJwk('ES256');
  const { thumbprint } = await keyOfJwk(key, 'ES256');
  const endpoint = new TokenEndpoint(http, clock, new Dpop(clock, undefined));
  const outcome: unknown = await endpoint
    .refresh({
      server,
      client: { client_id: 'client' },
      keys: new ClientKeyring().host,
      resourceIndicator: undefined,
      refreshToken: 'refresh',
      dpop: { jkt: thumbprint, alg: 'ES256', key },
      timeoutMs: TIMEOUT_MS,
    })
    .catch((error: unknown) => error);
  return { outcome, sent };
}

test('a refresh that lacks a nonce is sent once more, with it', async () => {
  const { outcome, sent } = await refreshed([wantsNonce, tokens], 100);
  expect(outcome).toMatchObject({ access_token: 'access', token_type: 'DPoP', refresh_token: 'next' });
  expect(sent).toBe(2);
});

test('a server that wants a new nonce every time is asked twice', async () => {
  const { outcome, sent } = await refreshed([wantsNonce], 100);
  expect(outcome).toMatchObject({ kind: 'refused', error: 'use_dpop_nonce' });
  expect(sent).toBe(2);
});

test('a refresh is not sent again for a nonce once its time is over, when others may take its lease', async () => {
  const { outcome, sent } = await refreshed([wantsNonce, tokens], TIMEOUT_MS);
  expect(outcome).toMatchObject({ kind: 'refused', error: 'use_dpop_nonce' });
  expect(sent).toBe(1);
});
