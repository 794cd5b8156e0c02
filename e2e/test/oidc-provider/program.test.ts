import { expect, test } from '@jest/globals';
import { sdks } from '../transport-factory/sdks.js';
import type { Sdk } from '../transport-factory/sdks.js';
import { DOCUMENT_URL, runProgram } from './program.js';
import type { ProgramTrace, Setting } from './program.js';

type Row = readonly [what: string, setting: Setting, check: (trace: ProgramTrace) => void];

const GIVEN_BACK = { refresh_token: 'revoked', access_token: 'revoked' };
/** The server takes no JWT back, and says so. */
const OUT_UNTIL_IT_ENDS = { refresh_token: 'revoked', access_token: 'unsupported' };

const parametersOf = ({ opened }: ProgramTrace) =>
  opened.map(({ searchParams }) => [...searchParams.keys()].sort().join(' '));

const rows: readonly Row[] = [
  [
    'dynamic registration and JWT tokens',
    { server: { accessTokenFormat: 'jwt' } },
    ({ server, opened, revoked }) => {
      // One for the web address of the forged answer, one for the loopback ports.
      expect(server.counts()['POST /reg']).toBe(2);
      expect(opened.map((url) => url.searchParams.get('code_challenge_method'))).toEqual(['S256', 'S256']);
      expect(revoked).toEqual(OUT_UNTIL_IT_ENDS);
    },
  ],
  [
    'a client metadata document and opaque tokens',
    { server: { accessTokenFormat: 'opaque' }, document: true },
    ({ server, opened, revoked }) => {
      expect(server.counts()['POST /reg']).toBeUndefined();
      expect(new Set(opened.map((url) => url.searchParams.get('client_id')))).toEqual(
        new Set([DOCUMENT_URL]),
      );
      expect(revoked).toEqual(GIVEN_BACK);
    },
  ],
  [
    'pushed authorization requests alone',
    { server: { accessTokenFormat: 'opaque', requirePar: true } },
    (trace) => {
      expect(parametersOf(trace)).toEqual(['client_id request_uri', 'client_id request_uri']);
      expect(trace.server.counts()['POST /request']).toBe(3);
    },
  ],
  [
    'tokens bound to a key (DPoP) and nonces',
    { server: { dpop: 'nonces' }, bound: true },
    ({ server, mcp }) => {
      expect(server.errors().map(({ error }) => error)).toContain('use_dpop_nonce');
      expect(mcp.log().some(({ scheme }) => scheme === 'bearer')).toBe(false);
    },
  ],
  [
    'logins on another device',
    { server: { accessTokenFormat: 'opaque' }, device: true },
    ({ server, opened, revoked }) => {
      expect(opened).toEqual([]);
      expect(server.counts()['POST /device/auth']).toBe(2);
      expect(revoked).toEqual(GIVEN_BACK);
    },
  ],
  [
    'a document, pushed requests, bound opaque tokens and nonces, all at once',
    {
      server: { accessTokenFormat: 'opaque', requirePar: true, dpop: 'nonces' },
      document: true,
      bound: true,
    },
    (trace) => {
      expect(trace.server.counts()['POST /reg']).toBeUndefined();
      expect(parametersOf(trace)).toEqual(['client_id request_uri', 'client_id request_uri']);
      expect(trace.revoked).toEqual(GIVEN_BACK);
    },
  ],
];

const matrix = sdks.flatMap((sdk) => rows.map((row) => [sdk.name, row[0], sdk, row] as const));

test.each(matrix)(
  'over %s, with %s: one program from the login over refresh, step-up and reuse to the end',
  async (_name, _what, sdk: Sdk, [, setting, check]) => {
    check(await runProgram(sdk, setting));
  },
  60_000,
);
