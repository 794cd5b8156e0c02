import { expect, test } from '@jest/globals';
import { expectNoLeaks, person } from '@mcp-oauth/e2e';
import { refusal } from '../authorization/web-host.js';
import { REDIRECT_URI, TwoServers } from './support/two-servers.js';

/**
 * The mix-up of RFC 9700 section 4.4: the evil server sends the person to the honest one, with a client that it has
 * registered there for our address, and waits for the code at its own token endpoint.
 */
function borrow({ honest, evil }: TwoServers): void {
  const { clientId } = honest.addClient({ redirectUris: [REDIRECT_URI] });
  evil.behaviour.metadata = {
    authorization_endpoint: `${honest.issuer}/authorize`,
    authorization_response_iss_parameter_supported: false,
  };
  evil.behaviour.registrationResponse = (response) => ({
    ...response,
    client_id: clientId,
    client_secret: undefined,
    token_endpoint_auth_method: 'none',
  });
}

test('A53: the code of an honest server is not sent to the one that sent the person there', () =>
  TwoServers.run('registered dynamically', async (servers) => {
    borrow(servers);
    servers.swap();
    const oauth = servers.host();
    const { authorizationUrl, binding } = await servers
      .session(oauth)
      .beginAuthorization({ redirectUri: REDIRECT_URI });
    expect(authorizationUrl.origin).toBe(servers.honest.origin);
    const callback = await person.consent(authorizationUrl);
    expect(new URL(callback).searchParams.get('iss')).toBe(servers.honest.issuer);
    const error = await refusal(oauth.completeAuthorization(callback, { binding }));
    expect(error).toMatchObject({ code: 'callback_rejected', reason: 'iss_mismatch' });
    expectNoLeaks({ error }, servers.honest.secrets());
    expect(servers.leaked()).toEqual([]);
    expect(servers.evil.counts().token).toBe(0);
  }));

test('A69: a server that speaks for the issuer of another one is not asked for anything', () =>
  TwoServers.run('registered dynamically', async (servers) => {
    servers.evil.behaviour.metadata = { issuer: servers.honest.issuer };
    servers.swap();
    const begin = servers.session(servers.host()).beginAuthorization({ redirectUri: REDIRECT_URI });
    expect(await refusal(begin)).toMatchObject({ code: 'issuer_mismatch' });
    expect(servers.evil.counts()).toMatchObject({ authorize: 0, token: 0, register: 0 });
    expect(servers.honest.received()).toEqual([]);
  }));

test('A67: endpoints that the honest metadata moves to another server get no refresh token and no revocation', () =>
  TwoServers.run('registered by hand, with its issuer', async (servers) => {
    const { honest, evil } = servers;
    const oauth = servers.host();
    const session = servers.session(oauth);
    const { authorizationUrl, binding } = await session.beginAuthorization({ redirectUri: REDIRECT_URI });
    const callback = await person.consent(authorizationUrl);
    await oauth.completeAuthorization(callback, { binding });
    honest.behaviour.metadata = {
      token_endpoint: `${evil.issuer}/token`,
      revocation_endpoint: `${evil.issuer}/revoke`,
    };
    const { grantId, generation } = await session.currentToken();
    await session.currentToken({ rejected: { grantId, generation } });
    await session.revoke();
    expect(honest.counts()).toMatchObject({ token: 2 });
    expect(evil.received()).toEqual([]);
  }));
