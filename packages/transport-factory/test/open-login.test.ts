import { expect, test } from '@jest/globals';
import type { DelegatedAuthorization } from '@mcp-oauth/core';
import { OpenLogin } from '../src/oauth-provider/open-login.js';

let now = 1_000_000;

const openLogin = () => new OpenLogin(() => now);

/** As much of a flow as its keeper uses. */
function flow(): DelegatedAuthorization & { readonly ended: readonly string[] } {
  const ended: string[] = [];
  return {
    ended,
    discovered: { server: { issuer: 'https://as.example' } },
    close: async () => void ended.push('closed'),
    clientRejected: async () => void ended.push('client rejected'),
  } as unknown as DelegatedAuthorization & { readonly ended: readonly string[] };
}

test('whoever comes while a login is open gets the same one', async () => {
  const login = openLogin();
  const one = flow();
  let begun = 0;
  const begin = async () => {
    begun++;
    return one;
  };
  expect(await Promise.all([login.join(begin), login.join(begin), login.join(begin)])).toEqual([
    one,
    one,
    one,
  ]);
  expect(begun).toBe(1);
});

test('a burst of calls shows one page, and a person who tries again a minute later sees it again', async () => {
  const login = openLogin();
  await login.join(async () => flow());
  expect([login.takeShowing(), login.takeShowing()]).toEqual([true, false]);
  now += 59_999;
  expect(login.takeShowing()).toBe(false);
  now += 1;
  expect(login.takeShowing()).toBe(true);
});

test('a login whose record is gone is closed, and another one is begun', async () => {
  const login = openLogin();
  const [old, next] = [flow(), flow()];
  await login.join(async () => old);
  login.takeShowing();
  now += 10 * 60_000;
  expect(login.isOpen).toBe(false);
  expect(await login.join(async () => next)).toBe(next);
  expect(old.ended).toEqual(['closed']);
  expect(login.takeShowing()).toBe(true);
});

test('a login that could not be begun is in nobody’s way', async () => {
  const login = openLogin();
  const next = flow();
  await expect(login.join(() => Promise.reject(new Error('no network')))).rejects.toThrow('no network');
  expect(login.isOpen).toBe(false);
  expect(await login.join(async () => next)).toBe(next);
});

test('a login that no person was sent to is of no use to a callback', async () => {
  const login = openLogin();
  await login.join(async () => flow());
  expect(() => login.shown()).toThrow(/begin a new one/);
});

test('a refusal by the token endpoint is what the next try is told, until another login is begun', async () => {
  const login = openLogin();
  const one = flow();
  await login.join(async () => one);
  login.takeShowing();
  await login.refused('client');
  expect(one.ended).toEqual(['closed', 'client rejected']);
  expect(() => login.shown()).toThrow(/https:\/\/as\.example.*refused the client/);
  // SDK v2 says of a client that was refused that its tokens are void, too.
  await login.refused('code');
  expect(() => login.shown()).toThrow(/refused the client/);
  await login.join(async () => flow());
  expect(() => login.shown()).toThrow(/begin a new one/);
});
