import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { person, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { MetadataLocation } from '@mcp-oauth/e2e';
import { refusal, Scene } from '../registration/scene.js';

const REDIRECT_URI = 'https://host.example/callback';

let scene: Scene;

beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.close());

async function consented(location: MetadataLocation, issuerPath: string) {
  const server = scene.keep(
    await startStrictAuthorizationServer({ metadataLocations: [location], issuerPath }),
  );
  const mcp = await scene.mcpServer(server);
  const oauth = scene.desktop();
  const session = oauth.session({ resource: mcp.url });
  const { authorizationUrl, binding } = await session.beginAuthorization({ redirectUri: REDIRECT_URI });
  const answer = new URL(await person.consent(authorizationUrl));
  return { server, session, complete: (url: URL) => oauth.completeAuthorization(url, { binding }), answer };
}

const places: readonly (readonly [MetadataLocation, string])[] = [
  ['oidc_inserted', ''],
  ['oidc_inserted', '/tenant/1'],
  ['oidc_appended', '/tenant/1'],
];

test.each(places)(
  'A54: a missing iss is refused where OpenID metadata alone announces it (%s, %j)',
  async (location, path) => {
    const { server, complete, answer, session } = await consented(location, path);
    const without = new URL(answer);
    without.searchParams.delete('iss');
    expect(await refusal(complete(without))).toMatchObject({ reason: 'iss_missing' });
    const other = new URL(answer);
    other.searchParams.set('iss', `${server.issuer}/`);
    expect(await refusal(complete(other))).toMatchObject({ reason: 'iss_mismatch' });
    expect(server.counts().token).toBe(0);
    await complete(answer);
    expect(await session.status()).toMatchObject({ state: 'logged_in', issuer: server.issuer });
  },
);
