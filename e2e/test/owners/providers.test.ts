import { expect, test } from '@jest/globals';
import { createTransportFactory } from '@mcp-oauth/transport-factory';
import { REDIRECT_URI, WebHost } from '../authorization/web-host.js';

const OTHERS = 1_500;

test('a provider that its owner uses all the time stays in memory', () =>
  WebHost.run(async ({ oauth, mcp }) => {
    const factory = createTransportFactory({ oauth });
    const config = { type: 'http' as const, url: mcp.url.href };
    const provider = factory.getOAuthProvider(config, { owner: 'alice' });
    for (let index = 0; index < OTHERS; index++) {
      factory.getOAuthProvider(config, { owner: `passer-by-${String(index)}` });
      expect(factory.getOAuthProvider(config, { owner: 'alice' })).toBe(provider);
    }
  }));

test('a provider whose login is in flight stays in memory until it has ended', () =>
  WebHost.run(async ({ oauth, mcp }) => {
    const factory = createTransportFactory({ oauth });
    const config = { type: 'http' as const, url: mcp.url.href };
    const address = { owner: 'alice', redirectUrl: REDIRECT_URI, onRedirect: () => undefined };
    const provider = factory.getOAuthProvider(config, address);
    await provider.redirectToAuthorization(new URL('https://as.example/authorize'));
    for (let index = 0; index < OTHERS; index++)
      factory.getOAuthProvider(config, { owner: `passer-by-${String(index)}` });
    expect(factory.getOAuthProvider(config, address)).toBe(provider);
  }));
