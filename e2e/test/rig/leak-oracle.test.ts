import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { canary, expectNoLeaks, LeakOracle } from '@mcp-oauth/e2e';

const secret = canary('refresh');
const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlIG9mIHRoZSB0b2tlbg';

function kindsIn(value: unknown, secrets: string[] = []): string[] {
  return [...new Set(new LeakOracle(secrets).findIn(value).map(({ kind }) => kind))];
}

for (const [form, text] of Object.entries({
  'as it is': `token=${secret};`,
  'in base64': Buffer.from(secret).toString('base64'),
  'in base64url inside a URL': `https://x.example/?t=${Buffer.from(secret).toString('base64url')}&u=1`,
  'percent-encoded': Buffer.from(secret).toString('hex').replaceAll(/../g, '%$&'),
  'as percent-encoded base64': encodeURIComponent(Buffer.from(`u:${secret}==`).toString('base64')),
})) {
  test(`a canary is found ${form}`, () => {
    expect(kindsIn(text)).toEqual(['refresh']);
  });
}

test('base64 is found wherever it begins, and whatever stands before it', () => {
  for (const before of ['', 'a', 'ab', 'abc']) {
    expect(kindsIn(Buffer.from(before + secret).toString('base64'))).toEqual(['refresh']);
    expect(kindsIn(`/${before}/${Buffer.from(secret).toString('base64')}`)).toEqual(['refresh']);
  }
});

test('eight digits of a known canary are a leak, and seven are not', () => {
  const digits = secret.slice(-32);
  expect(kindsIn(`…${digits.slice(4, 12)}…`, [secret])).toEqual(['canary part']);
  expect(kindsIn(`…${digits.slice(4, 11)}…`, [secret])).toEqual([]);
  expect(kindsIn(`…${digits.slice(4, 12)}…`)).toEqual([]);
});

test('a secret that is no canary is found when it is known, also in part', () => {
  expect(kindsIn(`Bearer ${jwt}`, [jwt])).toEqual(['secret']);
  expect(kindsIn(`sub: ${jwt.slice(25, 45)}`, [jwt])).toEqual(['secret']);
  expect(kindsIn(`Bearer ${jwt}`)).toEqual([]);
});

test('an error is searched in its message, stack, hidden properties and causes', () => {
  const inCause = new Error('refused', { cause: new Error('inner', { cause: { body: secret } }) });
  const hidden = Object.defineProperty(new Error('refused'), 'request', {
    value: { secret },
    enumerable: false,
  });
  const inJson = Object.assign(new Error('refused'), { toJSON: () => ({ secret }) });
  const aggregate = new AggregateError([new Error(secret)], 'two failed');
  for (const error of [new Error(secret), inCause, hidden, inJson, aggregate]) {
    expect(kindsIn(error)).toEqual(['refresh']);
  }
});

test('a value that hides itself from inspect is looked through', () => {
  const redacted = { secret, toJSON: () => '[redacted]', [inspect.custom]: () => '[redacted]' };
  expect(kindsIn(redacted)).toEqual(['refresh']);
});

test('bytes, maps, circular values and long strings are searched', () => {
  const circular: Record<string, unknown> = { long: 'x'.repeat(200_000) + secret };
  circular['self'] = circular;
  for (const value of [Buffer.from(`\0${secret}`), new Map([['a', { secret }]]), circular]) {
    expect(kindsIn(value)).toEqual(['refresh']);
  }
});

test('what is clean passes, and what is not fails without repeating the secret', () => {
  expectNoLeaks({ output: 'logged in as alice', error: new Error('needs a login') }, [secret, jwt]);
  let message = '';
  try {
    expectNoLeaks({ 'the error': new Error(`bad token ${secret}`) });
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toContain('refresh in stack of the error');
  expect(kindsIn(message, [secret])).toEqual([]);
});
