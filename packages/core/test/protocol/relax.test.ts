import { expect, test } from '@jest/globals';
import { ProtocolFailure } from '../../src/protocol/protocol-failure.js';
import { relaxed } from '../../src/protocol/relax.js';

async function after(
  endpoint: 'token' | 'registration',
  body: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = relaxed(endpoint, { status, headers: new Headers(headers), body: text });
  return { status: response.status, headers: response.headers, body: (await response.json()) as unknown };
}

const tokens = { access_token: 'a', token_type: 'Bearer' };

test('an ID token that nobody asked for is dropped', async () => {
  expect((await after('token', { ...tokens, id_token: 'not.a.jwt' })).body).toEqual(tokens);
});

test('null stands for what is absent', async () => {
  const body = { ...tokens, refresh_token: null, scope: null, expires_in: null };
  expect((await after('token', body)).body).toEqual(tokens);
  expect((await after('registration', { client_id: 'c', client_secret: null })).body).toEqual({
    client_id: 'c',
    client_secret_expires_at: 0,
  });
});

test('an empty refresh token or secret is none, an empty access token stays for the engine to refuse', async () => {
  expect((await after('token', { ...tokens, refresh_token: '' })).body).toEqual(tokens);
  expect((await after('token', { ...tokens, access_token: '' })).body).toEqual({
    ...tokens,
    access_token: '',
  });
  expect((await after('registration', { client_id: 'c', client_secret: '' })).body).not.toHaveProperty(
    'client_secret',
  );
});

test('a missing token type is Bearer, another one stays for the engine to refuse', async () => {
  expect((await after('token', { access_token: 'a' })).body).toEqual(tokens);
  expect((await after('token', { access_token: 'a', token_type: 'mac' })).body).toMatchObject({
    token_type: 'mac',
  });
});

test.each([
  [3600, 3600],
  [0, 0],
  ['3600', 3600],
  ['3600.5', 3600.5],
  [-1, undefined],
  ['soon', undefined],
  ['', undefined],
  [true, undefined],
  [{}, undefined],
  ['Infinity', undefined],
  [1e15, undefined],
])('a lifetime of %j is read as %j', async (told, expected) => {
  const { body } = await after('token', { ...tokens, expires_in: told });
  expect((body as { expires_in?: number }).expires_in).toBe(expected);
});

test.each([
  [undefined, 0],
  [0, 0],
  [1_900_000_000, 1_900_000_000],
  ['1900000000', 1_900_000_000],
  [-1, 0],
  ['never', 0],
  [1.5, 0],
])('A87: a client_secret_expires_at of %j is read as %j', async (told, expected) => {
  const { body } = await after('registration', {
    client_id: 'c',
    client_secret: 's',
    client_secret_expires_at: told,
  });
  expect(body).toMatchObject({ client_secret_expires_at: expected });
});

test('any 2xx is a success, in the status that the specification asks for', async () => {
  for (const status of [200, 201, 202]) {
    expect((await after('token', tokens, { status })).status).toBe(200);
    expect((await after('registration', { client_id: 'c' }, { status })).status).toBe(201);
  }
});

test('an error inside a 200 is an error, and no tolerance touches it', async () => {
  const body = { error: 'invalid_grant', access_token: null };
  expect(await after('token', body, { status: 200 })).toMatchObject({ status: 400, body });
  expect((await after('token', tokens, { status: 400 })).status).toBe(400);
});

test('a challenge beside invalid_client does not hide the body, and the content type is JSON if the body is', async () => {
  const headers = { 'www-authenticate': 'Basic realm="x"', 'content-type': 'text/html' };
  const answer = await after('token', { error: 'invalid_client' }, { status: 401, headers });
  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toBeNull();
  expect(answer.headers.get('content-type')).toContain('application/json');
});

test.each(['<html>', '', 'null', '[]', '"x"', '1', 'access_token=a', '{"access_token":"a"'])(
  'a body %j is no answer at all',
  async (body) => {
    await expect(after('token', body)).rejects.toThrow(ProtocolFailure);
    await expect(after('token', body)).rejects.toMatchObject({ kind: 'unreadable', status: 200 });
  },
);
