import { expect, test } from '@jest/globals';
import { MemoryTokenStore, StoreError } from '@mcp-oauth/core';
import type { StoreErrorKind, TokenStore } from '@mcp-oauth/core';
import type { Grant } from '../../src/credentials/credentials.js';
import { at, testRows } from './rows.js';
import type { Row } from './rows.js';
import { AS, finding, grant, look, MCP, NOW, RESOURCE_METADATA, resourceMetadata, SECRETS } from './scene.js';

const HOUR = 3_600_000;
const login = (more: Partial<Grant> = {}) => ({ credentials: { grant: grant(more) } });
const tokens = (more: Partial<Grant['tokens']>) => login({ tokens: { ...grant().tokens, ...more } });
const secretUntil = (ms: number) =>
  login({
    client: { client_id: 'client-1', client_secret: SECRETS[2], client_secret_expires_at: ms / 1_000 },
  });
const mark = { id: 'login', startedAt: NOW - 60_000 };
const machine = { clientId: 'id', clientSecret: 'secret', grant: { type: 'client_credentials' } } as const;

const rows: readonly Row[] = [
  ['nobody', {}, 'login', 'warning', /Nobody has logged in to https:\/\/mcp.example\/mcp/],
  ['nobody at an open server', at(MCP, () => Response.json({})), 'login', 'ok', /Nobody has logged in/],
  [
    'a login under way',
    { credentials: { login: mark } },
    'login',
    'ok',
    /under way since 2026-07-28T11:59:00/,
  ],
  [
    'a login that was declined',
    { credentials: { login: { ...mark, ended: 'denied' } } },
    'login',
    'warning',
    /The last login was declined/,
  ],
  ['a good login', login(), 'login', 'ok', /lasts until 2026-07-28T13:00:00.000Z. It is renewed/],
  [
    'a good login without a refresh token',
    tokens({ refresh_token: undefined }),
    'login',
    'ok',
    /There is no refresh token: a person has to log in after it/,
  ],
  ['a token without a lifetime', tokens({ expires_at: undefined }), 'login', 'ok', /is not known/],
  ['a token that has ended', tokens({ expires_at: NOW - HOUR }), 'login', 'ok', /ended at 2026-07-28T11:00/],
  [
    'a token that has ended for good',
    tokens({ expires_at: NOW, refresh_token: undefined }),
    'login',
    'problem',
    /has expired and no refresh token was given/,
  ],
  [
    'a refused refresh token',
    login({ status: 'reauth_required', reason: 'grant_rejected' }),
    'login',
    'problem',
    /no longer accepts the refresh token/,
  ],
  [
    'a lost refresh',
    login({ status: 'reauth_required', reason: 'outcome_unknown' }),
    'login',
    'problem',
    /a refresh was interrupted/,
  ],
  [
    'failed refreshes',
    login({ failures: 2, cooldownUntil: NOW + 60_000 }),
    'login',
    'warning',
    /The last 2 refreshes failed. Nobody tries again before 2026-07-28T12:01:00/,
  ],
  [
    'refreshes in doubt',
    login({ inDoubt: 1, failures: 3 }),
    'login',
    'warning',
    /The last 3 refreshes failed, and nobody knows whether the server did it/,
  ],
  [
    'a login at a server that is no longer named',
    {
      ...login(),
      ...at(RESOURCE_METADATA, resourceMetadata({ authorization_servers: ['https://new.example'] })),
    },
    'login',
    'warning',
    /The login is for https:\/\/as.example, which https:\/\/mcp.example\/mcp no longer names/,
  ],
  ['a time that is no date', tokens({ expires_at: 9e15 }), 'login', 'ok', /a time that is no date/],
  [
    'a machine without a token',
    { settings: machine },
    'login',
    'ok',
    /The next use gets one by client_creden/,
  ],
  [
    'a machine that was refused',
    { settings: machine, credentials: { login: { ...mark, ended: 'refused' } } },
    'login',
    'problem',
    /The last request for a token by client_credentials was refused/,
  ],
  [
    'a machine whose server was in trouble',
    { settings: machine, credentials: { login: { ...mark, ended: 'transient' } } },
    'login',
    'warning',
    /The last request for a token by client_credentials was in vain/,
  ],
  [
    'a machine whose token has ended',
    { settings: machine, ...tokens({ expires_at: NOW - 1, refresh_token: undefined }) },
    'login',
    'ok',
    /renewed without a person/,
  ],
  ['no login', {}, 'client_registration', 'unknown', /Without a login/],
  [
    'a client without a secret',
    login({ client: { client_id: 'client-1' } }),
    'client_registration',
    'ok',
    /The client "client-1" of https:\/\/as.example has no secret/,
  ],
  ['a lasting secret', login(), 'client_registration', 'ok', /a secret that doesn't end/],
  [
    'a long secret',
    secretUntil(NOW + 48 * HOUR),
    'client_registration',
    'ok',
    /lasts until 2026-07-30T12:00/,
  ],
  ['a short secret', secretUntil(NOW + HOUR), 'client_registration', 'warning', /lasts until 2026-07-28T13/],
  [
    'a secret that has ended',
    secretUntil(NOW),
    'client_registration',
    'problem',
    /ended at 2026-07-28T12:00/,
  ],
];

testRows(rows);

/** Fails in the methods that are named, as a store does. */
function failing(kind: StoreErrorKind, ...methods: readonly (keyof TokenStore)[]): TokenStore {
  const fail = () => Promise.reject(new StoreError(kind, `The token store is ${kind}.`));
  return Object.assign(new MemoryTokenStore(), Object.fromEntries(methods.map((name) => [name, fail])));
}

test('a store that can be used is said to be', async () => {
  expect(await finding('store')).toMatchObject({ status: 'ok' });
});

test('a store out of reach is a problem of its own, and the servers are looked at all the same', async () => {
  const { report } = await look({ store: failing('unavailable', 'get', 'check') });
  const problems = report.findings.filter(({ status }) => status === 'problem');
  expect(problems).toMatchObject([
    { check: 'store', message: 'The token store is unavailable.', remedy: expect.stringContaining('runs') },
    { check: 'login', message: 'The token store is unavailable.' },
  ]);
  expect(report.findings.find(({ check }) => check === 'client')).toMatchObject({ status: 'ok' });
});

test('a damaged record is a problem of the login, not of the store', async () => {
  const { report } = await look({ store: failing('corrupt', 'get') });
  expect(report.findings.slice(0, 2)).toMatchObject([
    { check: 'store', status: 'ok' },
    { check: 'login', status: 'problem', remedy: expect.stringContaining('give the login up') },
  ]);
});

test('no secret of the login is in the report', async () => {
  const { report } = await look(login());
  const told = JSON.stringify(report);
  expect(told).toContain(AS);
  for (const secret of SECRETS) expect(told).not.toContain(secret);
});
