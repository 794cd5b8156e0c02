import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  person,
  ScriptedBrowser,
  startMcpServer,
  startStrictAuthorizationServer,
  type PersonOptions,
  type StrictAuthorizationServer,
} from '@mcp-oauth/e2e';
import { authorizationUrl, newVerifier, redirectUri } from './authorization-url.js';

let as: StrictAuthorizationServer;

beforeEach(async () => {
  as = await startStrictAuthorizationServer();
});
afterEach(async () => {
  await as.close();
});

test('the server decides by itself unless the person says otherwise', async () => {
  const { clientId } = as.addClient({ redirectUris: [redirectUri] });
  as.behaviour.decide = ({ scope }) =>
    scope === 'mcp:admin' ? { error: 'invalid_scope', description: 'too much' } : { user: 'zoe' };
  const ask = (scope: string, options?: PersonOptions) =>
    person.consent(authorizationUrl(as, clientId, newVerifier(), { scope }), options);
  expect(new URL(await ask('mcp:admin')).searchParams.get('error_description')).toBe('too much');
  expect(new URL(await ask('mcp:admin', { decision: 'allow' })).searchParams.has('code')).toBe(true);
  expect(new URL(await ask('mcp:tools')).searchParams.has('code')).toBe(true);
  expect(as.log().map(({ outcome }) => outcome)).toEqual(['invalid_scope', 'ok', 'ok']);
});

test('a scripted browser goes where it is sent and comes back to the client', async () => {
  const callback = await startMcpServer();
  const { clientId } = as.addClient({ redirectUris: [`${callback.origin}/callback`] });
  const url = authorizationUrl(as, clientId, newVerifier(), { redirect_uri: `${callback.origin}/callback` });
  const browser = new ScriptedBrowser({ decision: 'deny' });
  expect(await browser.open(new URL(url))).toEqual({ opened: true });
  const [visit] = await browser.visits();
  expect(new URL(visit!.callbackUrl).searchParams.get('error')).toBe('access_denied');
  expect(browser.opened.map(({ href }) => href)).toEqual([url]);
  expect(callback.counts().http).toEqual({ 'GET /callback': 1 });
  await callback.close();
});
