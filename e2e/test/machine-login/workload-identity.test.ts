import { afterEach, expect, test } from '@jest/globals';
import type { AssertionRequest, AssertionSource, SessionSettings } from '@mcp-oauth/core';
import { canary } from '@mcp-oauth/e2e';
import { SignJWT, importJWK } from 'jose';
import { initialized, JWT_BEARER, newKey, Scene } from './scene.js';
import type { TestKey } from './scene.js';

const platform = 'https://platform.example';

let scene: Scene;

afterEach(async () => {
  await scene.close();
});

async function workloadToken(key: TestKey, audience: string, seconds = 60): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  return await new SignJWT({ sub: 'workload-1' })
    .setProtectedHeader({ alg: 'ES256', kid: 'main', typ: 'JWT' })
    .setIssuer(platform)
    .setAudience(audience)
    .setIssuedAt(now)
    .setExpirationTime(now + seconds)
    .setJti(crypto.randomUUID())
    .sign(await importJWK(key.privateKey.key, 'ES256'));
}

/** A server that trusts a platform's tokens, and a workload that gets one for each request. */
async function workload(audience?: string) {
  scene = await Scene.start({ accessTokenTtl: 60, singleUseAssertions: true });
  const key = await newKey();
  scene.server.behaviour.trustedIssuers = [{ kind: 'workload_platform', issuer: platform, jwks: key.jwks }];
  const { clientId } = scene.server.addClient({ redirectUris: [], grantTypes: [JWT_BEARER] });
  const asked: AssertionRequest[] = [];
  const settings: SessionSettings = {
    clientId,
    grant: {
      type: 'jwt_bearer',
      assertion: async (request) => {
        asked.push(request);
        return await workloadToken(key, audience ?? request.audience);
      },
    },
  };
  return { settings, asked, key, clientId };
}

test('E21: a workload trades its own token for one of the MCP server, and a new one each time', async () => {
  const { settings, asked } = await workload();
  let aheadMs = 0;
  const session = scene.session(settings, scene.oauth({ aheadMs: () => aheadMs }));
  expect((await initialized(session, scene.mcp.url)).status).toBe(200);
  aheadMs = 61_000;
  expect((await initialized(session, scene.mcp.url)).status).toBe(200);
  expect(asked).toMatchObject([
    { audience: scene.server.issuer, resource: scene.mcp.url.href, scope: 'mcp:tools' },
    { audience: scene.server.issuer },
  ]);
  const requests = scene.server.log().filter(({ endpoint }) => endpoint === 'token');
  expect(requests).toMatchObject([
    { grantType: JWT_BEARER, resource: scene.mcp.url.href, scope: 'mcp:tools', outcome: 'ok' },
    { grantType: JWT_BEARER, outcome: 'ok' },
  ]);
});

test('E22: a rejected assertion is not sent again, and no other grant is tried', async () => {
  const { settings } = await workload('https://somebody-else.example');
  const session = scene.session({ ...settings, issuer: scene.server.issuer });
  const refusal = { code: 'token_request_failed', error: 'invalid_grant' };
  for (let calls = 0; calls < 5; calls++) {
    await expect(initialized(session, scene.mcp.url)).rejects.toMatchObject(refusal);
  }
  await expect(session.authorize()).rejects.toMatchObject(refusal);
  expect(scene.server.log().filter(({ endpoint }) => endpoint === 'token')).toHaveLength(1);
  expect(scene.server.counts()).toMatchObject({ register: 0, authorize: 0 });
});

test('what the source throws reaches the caller as it is, and nothing is sent', async () => {
  const { clientId } = await workload();
  const reason = new RangeError('the platform is not ready');
  const assertion = (): never => {
    throw reason;
  };
  const session = scene.session({ clientId, grant: { type: 'jwt_bearer', assertion } });
  await expect(session.accessToken()).rejects.toBe(reason);
  await expect(initialized(session, scene.mcp.url)).rejects.toBe(reason);
  expect(scene.tokenRequests()).toBe(0);
});

test('a source that fails costs nothing while the token is good', async () => {
  const { settings, asked } = await workload();
  let aheadMs = 0;
  const { grant } = settings;
  const assertion: AssertionSource = (request) => {
    if (aheadMs > 0 || grant?.type !== 'jwt_bearer') throw new Error('the platform is down');
    return grant.assertion(request);
  };
  const oauth = scene.oauth({ aheadMs: () => aheadMs });
  const session = scene.session({ ...settings, grant: { type: 'jwt_bearer', assertion } }, oauth);
  const token = await session.accessToken();
  // So near to its end that it is renewed first.
  aheadMs = 56_000;
  expect(await session.accessToken()).toBe(token);
  aheadMs = 61_000;
  await expect(session.accessToken()).rejects.toThrow('the platform is down');
  expect(asked).toHaveLength(1);
});

test('a source that gives no JWT is an error that names the setting and repeats nothing of it', async () => {
  const { clientId } = await workload();
  const given = canary('secret');
  const session = scene.session({ clientId, grant: { type: 'jwt_bearer', assertion: () => given } });
  const error = await session.accessToken().catch((failure: unknown) => failure);
  expect(error).toMatchObject({
    code: 'invalid_config',
    message: expect.stringContaining('grant.assertion'),
  });
  expect(String(error)).not.toContain(given);
  expect(scene.tokenRequests()).toBe(0);
});

test('a caller that gives up does not wait for a source that hangs, and the others go on', async () => {
  const { settings, key } = await workload();
  let release: (() => void) | undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const session = scene.session({
    ...settings,
    grant: {
      type: 'jwt_bearer',
      assertion: async ({ audience }) => {
        await gate;
        return await workloadToken(key, audience);
      },
    },
  });
  const impatient = session.accessToken({ signal: AbortSignal.timeout(100) });
  const patient = session.accessToken();
  await expect(impatient).rejects.toMatchObject({ name: 'TimeoutError' });
  release?.();
  expect(await patient).toBeTruthy();
  expect(scene.tokenRequests()).toBe(1);
});
