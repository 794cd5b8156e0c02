import { expect, test } from '@jest/globals';
import { chooseDpop } from '../../src/dpop/dpop-choice.js';
import type { DpopChoiceRequest } from '../../src/dpop/dpop-choice.js';
import type { Challenge } from '../../src/discovery/challenge.js';
import type { Discovered } from '../../src/discovery/discovery.js';

const resource = 'https://mcp.example/mcp';
const OURS = ['ES256', 'ES384', 'PS256'];

interface Offer {
  readonly server?: readonly string[];
  readonly metadata?: readonly string[];
  readonly required?: boolean;
  readonly challenge?: Challenge;
  readonly ours?: DpopChoiceRequest['ours'];
}

function chosen({ server, metadata, required, challenge, ours = OURS }: Offer) {
  const discovered: Discovered = {
    server: {
      issuer: 'https://as.example',
      token_endpoint: 'https://as.example/token',
      dpop_signing_alg_values_supported: server,
      client_id_metadata_document_supported: false,
      authorization_response_iss_parameter_supported: false,
    },
    dpop_signing_alg_values_supported: metadata,
    dpop_bound_access_tokens_required: required,
  };
  return chooseDpop({ resource, challenge, discovered, ours });
}

const both: Challenge = { dpop: { algs: ['PS256', 'ES256'], isOnly: false } };
const only: Challenge = { dpop: { isOnly: true } };

test.each<readonly [string, Offer, ReturnType<typeof chosen>]>([
  ['neither server offers it', {}, undefined],
  ['the authorization server alone offers it', { server: ['ES256'] }, undefined],
  ['the MCP server alone offers it', { metadata: ['ES256'] }, undefined],
  [
    'the MCP server offers it by its challenge',
    { server: ['ES256'], challenge: both },
    { alg: 'ES256', isRequired: false },
  ],
  [
    'the MCP server offers it by its metadata',
    { server: ['ES256'], metadata: ['ES256'] },
    { alg: 'ES256', isRequired: false },
  ],
  [
    'the MCP server wants nothing else, by metadata',
    { server: ['ES256'], required: true },
    { alg: 'ES256', isRequired: true },
  ],
  [
    'the MCP server wants nothing else, by its challenge',
    { server: ['ES256'], challenge: only },
    { alg: 'ES256', isRequired: true },
  ],
  [
    'all three know ES256 and others',
    { server: ['RS256', 'PS256', 'ES256'], challenge: both },
    { alg: 'ES256', isRequired: false },
  ],
  [
    'all three know another one in common',
    { server: ['RS256', 'PS256'], challenge: both },
    { alg: 'PS256', isRequired: false },
  ],
  ['no algorithm is known to all', { server: ['ES384'], challenge: both }, undefined],
  ['the lists are empty', { server: [], metadata: [] }, undefined],
  [
    'the servers only name symmetric algorithms',
    { server: ['HS256', 'none'], metadata: ['HS256', 'none'] },
    undefined,
  ],
  ['the host said never', { server: ['ES256'], challenge: both, ours: 'disabled' }, undefined],
  [
    "the host's own key is Ed25519 under its older name",
    { server: ['EdDSA'], challenge: { dpop: { isOnly: false } }, ours: ['Ed25519'] },
    { alg: 'EdDSA', isRequired: false },
  ],
])('where %s, this is chosen', (_, offer, expected) => {
  expect(chosen(offer)).toEqual(expected);
});

test.each<readonly [string, Offer, string]>([
  ['the authorization server offers none', { required: true }, 'not_offered'],
  ['the authorization server offers none, and the challenge asks', { challenge: only }, 'not_offered'],
  ['there is no common algorithm', { required: true, server: ['HS256'] }, 'no_common_algorithm'],
  ['the host said never', { required: true, server: ['ES256'], ours: 'disabled' }, 'disabled'],
  [
    'the transport sends no proofs',
    { challenge: only, server: ['ES256'], ours: 'not_through_here' },
    'not_through_here',
  ],
])('A75: where the MCP server takes no bearer tokens and %s, that is an error', (_, offer, reason) => {
  expect(() => chosen(offer)).toThrow(
    expect.objectContaining({ code: 'dpop_unsupported', reason, resource }),
  );
});
