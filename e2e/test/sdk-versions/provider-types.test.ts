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

/** And does not compile where one member is missing, for any of them. */
type Incomplete = Omit<SessionOAuthProvider, 'codeVerifier'>;
// @ts-expect-error -- no verifier
const oldestOfV1 = (provider: Incomplete): ProviderOfSdk125 => provider;
// @ts-expect-error -- no verifier
const middleOfV1 = (provider: Incomplete): ProviderOfSdk129 => provider;
// @ts-expect-error -- no verifier
const newestOfV1 = (provider: Incomplete): ProviderOfSdk => provider;
// @ts-expect-error -- no verifier
const oldestOfV2 = (provider: Incomplete): ProviderOfClient20 => provider;
// @ts-expect-error -- no verifier
const newestOfV2 = (provider: Incomplete): ProviderOfClient => provider;
const refused = [oldestOfV1, middleOfV1, newestOfV1, oldestOfV2, newestOfV2];

/** A provider of one major is one of the other, so that a host may hand on what it was given. */
const toV2 = (provider: ProviderOfSdk): ProviderOfClient => provider;
const toV1 = (provider: ProviderOfClient): ProviderOfSdk => provider;

test('one provider class is what every supported SDK version takes', () => {
  expect(SessionOAuthProviderV2).toBe(SessionOAuthProvider);
  expect([accepted, toV1, toV2, ...refused]).toHaveLength(8);
});
