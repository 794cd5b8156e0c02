import { beforeAll, expect, test } from '@jest/globals';
import { inPublicInternet } from '../support/public-internet.js';

let results: Record<string, unknown>;

beforeAll(async () => {
  results = await inPublicInternet('../guarded-fetch/public-internet.mjs');
}, 60_000);

test.each([
  ['byName', { at: '93.184.216.34', host: 'public.example' }],
  ['bySix', { at: '2606:4700::1111', host: 'six.example' }],
  ['bySecondAddress', { at: '93.184.216.34', host: 'two.example' }],
  ['redirectOther', { at: '93.184.216.36', host: 'other.example' }],
  ['besideProxy', { at: '93.184.216.34' }],
  ['beforeRebinding', { at: '93.184.216.34', host: 'rebound.example' }],
  ['beforeRebindingOfHosts', { at: '93.184.216.34', host: 'rebound.example' }],
])('reaches a server of the public Internet by https: %s', (name, answer) => {
  expect(results[name]).toMatchObject(answer);
});

test.each([
  ['inside', 'url'],
  ['mixed', 'url'],
  ['redirectInside', 'location'],
  ['redirectMetadata', 'location'],
  ['redirectInsideByName', 'location'],
])('A05, A10: does not go inwards: %s', (name, field) => {
  expect(results[name]).toMatchObject({ error: 'blocked_address', field });
});

test.each(['afterRebinding', 'afterRebindingOfHosts'])(
  'A09: a name that resolves inwards the second time is refused: %s',
  (name) => {
    expect(results[name]).toEqual({ error: 'blocked_address' });
  },
);

test('A09: a name is resolved once for a connection, which goes to the address that was checked', () => {
  expect(results['lookupsBeforeRebinding']).toBe(1);
});

test.each([
  ['plain', 'url'],
  ['redirectPlain', 'location'],
  ['redirectToAllowedPlain', 'location'],
])('sends nothing over plain http: %s', (name, field) => {
  expect(results[name]).toMatchObject({ error: 'unsafe_url', field });
});

test.each([
  ['byAddress', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ['foreignName', 'ERR_TLS_CERT_ALTNAME_INVALID'],
])('a certificate for another name is a failure of the network: %s', (name, cause) => {
  expect(results[name]).toMatchObject({ error: 'TypeError', cause });
});

test('A11: a body that another origin should get is not even begun there', () => {
  expect(results['postElsewhere']).toMatchObject({ error: 'unsafe_url', field: 'location' });
  expect(results['otherAfterPost']).toBe(0);
});

test('A14: another origin gets no credential', () => {
  expect(JSON.stringify(results['byName'])).toContain('cnry');
  expect(JSON.stringify(results['redirectOther'])).not.toContain('cnry');
});

test('A01, A05, A07, A09, A10: in all of that not one connection was made inwards, over plain http, or to a proxy', () => {
  expect(results['counts']).toEqual({ inside: 0, plain: 0, proxy: 0, other: 1 });
});
