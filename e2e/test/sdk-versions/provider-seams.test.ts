import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { faults, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import { generateKeyPairSync } from 'node:crypto';
import { HOSTED_REDIRECT, providerScene } from './support/provider-scene.js';
import type { ProviderScene } from './support/provider-scene.js';
import { supportedSdks } from './support/supported-sdks.js';

/** What each version asks of a provider, in its order: until the page is shown, and with the code. */
const orders: Readonly<Record<string, readonly [login: string, exchange: string]>> = {
  '1.25.3': [
    'tokens clientInformation tokens state saveCodeVerifier redirectToAuthorization',
    'clientInformation codeVerifier clientInformation addClientAuthentication saveTokens',
  ],
  '1.29.0': [
    'tokens discoveryState clientInformation tokens state saveCodeVerifier redirectToAuthorization',
    'discoveryState clientInformation codeVerifier clientInformation addClientAuthentication saveTokens',
  ],
  '1.32.2': [
    'tokens discoveryState clientInformation tokens state saveCodeVerifier redirectToAuthorization',
    'discoveryState clientInformation clientInformation codeVerifier addClientAuthentication saveTokens',
  ],
  '2.0.0': [
    'tokens discoveryState clientInformation tokens state saveCodeVerifier redirectToAuthorization',
    'discoveryState clientInformation codeVerifier clientInformation addClientAuthentication saveTokens',
  ],
  '2.4.0': [
    'tokens dpop discoveryState clientInformation tokens state saveCodeVerifier redirectToAuthorization',
    'discoveryState clientInformation clientInformation codeVerifier dpop addClientAuthentication saveTokens',
  ],
};

let scene: ProviderScene;

beforeEach(async () => {
  scene = await providerScene();
});

afterEach(async () => {
  await scene.close();
});

const reasonOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );

describe.each(supportedSdks)('SDK $version', (sdk) => {
  test('the provider is asked in the order that this version is known for', async () => {
    const { own, proxy, calls } = scene.provider();
    const transport = await scene.begun(sdk, proxy);
    expect(calls.join(' ')).toBe(orders[sdk.version]?.[0]);
    calls.length = 0;
    await transport.finishAuth(await own.authorizationCode());
    expect(calls.join(' ')).toBe(orders[sdk.version]?.[1]);
  });

  test('a login through authProvider takes one registration, one page and one code, and calls work', async () => {
    const { own } = scene.provider();
    const transport = await scene.begun(sdk, own);
    await transport.finishAuth(await own.authorizationCode());
    const client = sdk.newClient();
    await client.connect(new sdk.Http(scene.mcp.url, { authProvider: own }));
    expect(JSON.stringify(await client.callTool({ name: 'whoami', arguments: {} }))).toContain('alice');
    await client.close();
    expect(scene.server.counts()).toMatchObject({ register: 1, token: 1 });
    expect(scene.browser.opened).toHaveLength(1);
  });

  test('the SDK discovers and registers nothing of its own where it asks the provider', async () => {
    const { own } = scene.provider();
    await scene.begun(sdk, own);
    const ours = sdk.asksForDiscoveryState ? 1 : 2;
    expect(scene.server.counts()).toMatchObject({ metadata: ours, register: 1, other: 0 });
  });

  test('A55: a code never goes to a server that the MCP server names only after the login was begun', async () => {
    const other = await startStrictAuthorizationServer();
    const { own } = scene.provider();
    const transport = await scene.begun(sdk, own);
    const code = await own.authorizationCode();
    scene.mcp.behaviour.metadata = { authorization_servers: [other.issuer] };
    const reason = await reasonOf(transport.finishAuth(code));
    expect(other.counts().token).toBe(0);
    if (sdk.asksForDiscoveryState) expect(reason).toBeUndefined();
    else expect(reason).toMatchObject({ code: 'issuer_mismatch' });
    await other.close();
  });

  test('addClientAuthentication is called without this, with all that a client needs to prove itself', async () => {
    const { own } = scene.provider();
    const calls: { readonly self: unknown; readonly parameters: readonly unknown[] }[] = [];
    const { addClientAuthentication } = own;
    Object.defineProperty(own, 'addClientAuthentication', {
      value: function (this: unknown, ...parameters: Parameters<typeof addClientAuthentication>) {
        calls.push({ self: this, parameters });
        return addClientAuthentication(...parameters);
      },
    });
    const transport = await scene.begun(sdk, own);
    await transport.finishAuth(await own.authorizationCode());
    const [call] = calls;
    expect(calls).toHaveLength(1);
    expect(call?.self).toBeUndefined();
    const [headers, body, url] = call?.parameters ?? [];
    expect(headers).toBeInstanceOf(Headers);
    expect(body).toBeInstanceOf(URLSearchParams);
    expect(String(url)).toBe(new URL('/token', scene.server.origin).href);
  });

  test.each(['client_secret_basic', 'client_secret_post'] as const)(
    'a client that was registered for %s is authenticated by us alone',
    async (authenticationMethod) => {
      const client = scene.server.addClient({ redirectUris: [HOSTED_REDIRECT], authenticationMethod });
      const { own, callback } = scene.hostedProvider({
        clientId: client.clientId,
        clientSecret: client.clientSecret,
        tokenEndpointAuthMethod: authenticationMethod,
      });
      const transport = await scene.begun(sdk, own);
      expect(JSON.stringify(own.clientInformation())).not.toContain('secret');
      await transport.finishAuth(await own.authorizationCode(callback()));
      const [token] = scene.server.log().filter(({ endpoint }) => endpoint === 'token');
      expect(token).toMatchObject({ clientAuthentication: authenticationMethod, outcome: 'ok' });
    },
  );

  test('a client with a private key, which the SDK knows nothing of, logs in through authProvider', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = { ...publicKey.export({ format: 'jwk' }), alg: 'ES256', kid: 'key-1' };
    const { clientId } = scene.server.addClient({
      redirectUris: [HOSTED_REDIRECT],
      authenticationMethod: 'private_key_jwt',
      jwks: { keys: [jwk] },
    });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const { own, callback } = scene.hostedProvider({ clientId, privateKey: { key, kid: 'key-1' } });
    const transport = await scene.begun(sdk, own);
    await transport.finishAuth(await own.authorizationCode(callback()));
    const [token] = scene.server.log().filter(({ endpoint }) => endpoint === 'token');
    expect(token).toMatchObject({ clientAuthentication: 'private_key_jwt', outcome: 'ok' });
  });

  test('a code that was refused is sent once, and no other login is begun for it', async () => {
    const { own, proxy, calls } = scene.provider();
    const transport = await scene.begun(sdk, proxy);
    const code = await own.authorizationCode();
    scene.server.fail('token', faults.oauthError('invalid_grant'));
    expect(await reasonOf(transport.finishAuth(code))).toMatchObject({ code: 'token_request_failed' });
    expect(calls).toContain('invalidateCredentials');
    expect(await reasonOf(transport.finishAuth(code))).toMatchObject({ code: 'token_request_failed' });
    expect(scene.server.counts()).toMatchObject({ token: 1, register: 1 });
    expect(scene.browser.opened).toHaveLength(1);
  });

  test('a client that the token endpoint no longer knows is replaced by the next login', async () => {
    const { own } = scene.provider();
    const transport = await scene.begun(sdk, own);
    const code = await own.authorizationCode();
    const { clientId = '' } = scene.server.log().find(({ endpoint }) => endpoint === 'authorize') ?? {};
    scene.server.forgetClient(clientId);
    expect(await reasonOf(transport.finishAuth(code))).toMatchObject({ code: 'token_request_failed' });
    const again = await scene.begun(sdk, own);
    await again.finishAuth(await own.authorizationCode());
    expect(scene.server.counts().register).toBe(2);
  });

  test('what it had already is not saved again where a token was refused and no longer renewed', async () => {
    const { own, proxy, calls } = scene.provider();
    const transport = await scene.begun(sdk, proxy);
    await transport.finishAuth(await own.authorizationCode());
    scene.mcp.revokeAllTokens();
    scene.server.failAlways('token', faults.oauthError('invalid_grant'));
    calls.length = 0;
    await scene.begun(sdk, proxy);
    expect(calls).not.toContain('saveTokens');
    expect(scene.browser.opened).toHaveLength(2);
  });
});

describe.each(supportedSdks.filter(({ major }) => major === 2))('SDK $version', (sdk) => {
  test('finishAuth takes the parameters of the callback as they came', async () => {
    const { own, callback } = scene.hostedProvider();
    const transport = await scene.begun(sdk, own);
    await transport.finishAuth(callback().searchParams);
    expect(await own.tokens()).toMatchObject({ token_type: 'Bearer', issuer: scene.server.issuer });
    expect(Object.keys((await own.tokens()) ?? {})).not.toContain('refresh_token');
  });

  test.each<[string, (parameters: URLSearchParams) => void]>([
    ['is missing though the server announces it', (parameters) => parameters.delete('iss')],
    ['names another server', (parameters) => parameters.set('iss', 'https://attacker.example')],
  ])('A53, A54: finishAuth refuses parameters whose iss %s, and sends no code', async (_name, change) => {
    const { own, callback } = scene.hostedProvider();
    const transport = await scene.begun(sdk, own);
    const { searchParams } = callback();
    change(searchParams);
    expect(await reasonOf(transport.finishAuth(searchParams))).toBeInstanceOf(Error);
    expect(scene.server.counts().token).toBe(0);
    // The login stays open for the honest response.
    await transport.finishAuth(await own.authorizationCode(callback()));
    expect(scene.server.counts().token).toBe(1);
  });

  test('a bare code that nobody has checked is refused where the server announces iss', async () => {
    const { own, callback } = scene.hostedProvider();
    const transport = await scene.begun(sdk, own);
    const code = callback().searchParams.get('code') ?? '';
    expect(await reasonOf(transport.finishAuth(code))).toBeInstanceOf(Error);
    expect(scene.server.counts().token).toBe(0);
  });
});
