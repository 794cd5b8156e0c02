import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { faults, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import { refusal, Scene } from './scene.js';

let scene: Scene;

beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.close());

test.each(['invalid_client', 'unauthorized_client'])(
  '73: a client that a refresh is refused for by %s is told as such, and the next login registers anew',
  async (error) => {
    const server = scene.keep(await startStrictAuthorizationServer());
    const mcp = await scene.mcpServer(server);
    const session = scene.desktop().session({ resource: mcp.url });
    await session.authorize();
    const rejected = await session.currentToken();
    mcp.revokeAllTokens();
    server.fail('token', faults.oauthError(error, 401));
    expect(await refusal(session.currentToken({ rejected }))).toMatchObject({
      code: 'authorization_required',
      reason: 'client_rejected',
    });
    await session.authorize();
    expect(await session.currentToken()).toMatchObject({ generation: 1 });
    expect(server.counts().register).toBe(2);
  },
);
