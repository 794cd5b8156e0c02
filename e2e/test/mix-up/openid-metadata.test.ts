import { expect, test } from '@jest/globals';
import { expectNoLeaks, person } from '@mcp-oauth/e2e';
import type { MetadataLocation } from '@mcp-oauth/e2e';
import { altered, refusal, WebHost } from '../authorization/web-host.js';

/** OpenID Connect Discovery instead of RFC 8414: what it says counts no less. */
const places: readonly (readonly [MetadataLocation, string])[] = [
  ['oidc_appended', ''],
  ['oidc_inserted', '/tenant/a'],
  ['oidc_appended', '/tenant/a'],
];

const server = (metadataLocation: MetadataLocation, issuerPath: string, metadata = {}) => ({
  server: { metadataLocations: [metadataLocation], issuerPath, metadata },
});

test.each(places)('metadata at %s of the issuer path %j leads to a login', (place, path) =>
  WebHost.run(
    async (host) => {
      await host.complete(await host.consented());
      await host.expectLoggedIn();
    },
    server(place, path),
  ),
);

test.each(
  places.flatMap(([place, path]) => [undefined, ['plain']].map((methods) => [place, path, methods] as const)),
)('40: metadata at %s of the issuer path %j without S256 (%j) begins no login', (place, path, methods) =>
  WebHost.run(
    async (host) => {
      const begin = host.session.beginAuthorization({ redirectUri: 'https://host.example/oauth/callback' });
      expect(await refusal(begin)).toMatchObject({ code: 'pkce_unsupported' });
      expect(host.server.counts()).toMatchObject({ register: 0, authorize: 0, token: 0 });
    },
    server(place, path, { code_challenge_methods_supported: methods }),
  ),
);

test.each(places)(
  'A54, 56: iss that metadata at %s of the issuer path %j announces must not be left out',
  (place, path) =>
    WebHost.run(
      async (host) => {
        const login = await host.consented();
        await host.expectRefusedWithoutHarm(
          login,
          { callback: altered(login.callback, 'iss', undefined) },
          'iss_missing',
        );
      },
      server(place, path),
    ),
);

test.each(places)(
  'A53, 57: iss that metadata at %s of the issuer path %j does not announce is compared all the same',
  (place, path) =>
    WebHost.run(
      async (host) => {
        const login = await host.consented();
        await host.expectRefusedWithoutHarm(
          login,
          { callback: altered(login.callback, 'iss', `${host.server.issuer}/x`) },
          'iss_mismatch',
        );
      },
      server(place, path, { authorization_response_iss_parameter_supported: undefined }),
    ),
);

test('A53, 60: an error that comes with another iss is neither acted on nor shown, wherever the metadata is', () =>
  WebHost.run(
    async (host) => {
      const { authorizationUrl, binding } = await host.session.beginAuthorization({
        redirectUri: 'https://host.example/oauth/callback',
      });
      const honest = new URL(await person.consent(authorizationUrl));
      const forged = altered(altered(honest, 'code', undefined), 'iss', 'https://evil.example');
      forged.searchParams.set('error', 'access_denied');
      forged.searchParams.set('error_description', 'call 555-0100');
      const error = await refusal(host.complete({ callback: forged, binding }));
      expect(error).toMatchObject({ code: 'callback_rejected', reason: 'iss_mismatch' });
      expect(error.message).not.toContain('555');
      expectNoLeaks({ error }, host.server.secrets());
      await host.complete({ callback: honest, binding });
      await host.expectLoggedIn();
    },
    server('oidc_appended', ''),
  ));
