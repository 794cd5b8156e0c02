import { expect, test } from '@jest/globals';
import { SessionOAuthProvider } from '@mcp-oauth/transport-factory';
import { SessionOAuthProvider as SessionOAuthProviderV2 } from '@mcp-oauth/transport-factory/v2';
import type { OAuthClientProvider as ProviderOfClient } from '@modelcontextprotocol/client';
import type { OAuthClientProvider as ProviderOfSdk } from '@modelcontextprotocol/sdk/client/auth.js';
import type { OAuthClientProvider as ProviderOfClient20 } from 'mcp-client-2.0';
import type { OAuthClientProvider as ProviderOfSdk125 } from 'mcp-sdk-1.25.3/client/auth.js';
import type { OAuthClientProvider as ProviderOfSdk129 } from 'mcp-sdk-1.29/client/auth.js';

type EveryProvider = ProviderOfSdk125 &
  ProviderOfSdk129 &
  ProviderOfSdk &
  ProviderOfClient20 &
  ProviderOfClient;

/** Compiles where the one class is what every supported SDK version asks for. */
const accepted = (provider: SessionOAuthProvider): EveryProvider => provider;

test('one provider class is what every supported SDK version takes', () => {
  expect(SessionOAuthProviderV2).toBe(SessionOAuthProvider);
  expect(accepted).toBeDefined();
});
