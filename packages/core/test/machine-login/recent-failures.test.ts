import { expect, test } from '@jest/globals';
import { DiscoveryError, TokenRequestError, TransientError } from '@mcp-oauth/core';
import { RecentFailures } from '../../src/machine-login/recent-failures.js';

const settings = { clientId: 'm', clientSecret: 's' };

function remembering() {
  let now = 0;
  const failures = new RecentFailures({ now: () => now, monotonic: () => now });
  const session = {};
  const told = (scope?: string, about = settings): unknown => {
    try {
      failures.assertNone(session, about, scope);
      return undefined;
    } catch (error) {
      return error;
    }
  };
  const pass = (ms: number): void => void (now += ms);
  return { failures, session, told, pass };
}

test('a refusal is told again for a minute, with its code and when it ends', () => {
  const { failures, session, told, pass } = remembering();
  failures.remember(
    session,
    settings,
    undefined,
    new TokenRequestError('https://as.example', 'x', { error: 'invalid_client' }),
  );
  pass(20_000);
  expect(told()).toMatchObject({ code: 'token_request_failed', error: 'invalid_client' });
  expect(String(told())).toContain('asked again in 40 s');
  pass(40_000);
  expect(told()).toBeUndefined();
});

test('it concerns this session, these settings and these scopes alone', () => {
  const { failures, session, told } = remembering();
  failures.remember(session, settings, 'a', new TokenRequestError('https://as.example', 'x'));
  expect(told('a')).toBeInstanceOf(TokenRequestError);
  expect(told()).toBeUndefined();
  expect(told('a b')).toBeUndefined();
  expect(told('a', { ...settings, clientSecret: 'repaired' })).toBeUndefined();
  expect(() => {
    failures.assertNone({}, settings, 'a');
  }).not.toThrow();
});

test('trouble is told with what is left of its time, which grows with each and ends with a success', () => {
  const { failures, session, told, pass } = remembering();
  const waits = Array.from({ length: 12 }, () => {
    failures.remember(session, settings, undefined, new TransientError('down'));
    const left = (told() as TransientError).retryAfterMs ?? 0;
    pass(left);
    expect(told()).toBeUndefined();
    return left;
  });
  expect(waits[0]).toBeLessThanOrEqual(1_250);
  expect(Math.max(...waits)).toBeLessThanOrEqual(75_000);
  expect(Math.min(...waits.slice(-3))).toBeGreaterThan(40_000);
  failures.remember(session, settings, undefined, new TransientError('down', 30_000));
  failures.forget(session);
  expect(told()).toBeUndefined();
});

test('what the server asked for is waited for', () => {
  const { failures, session, told } = remembering();
  failures.remember(session, settings, undefined, new TransientError('down', 30_000));
  expect(told()).toMatchObject({ code: 'transient', retryAfterMs: 30_000 });
});

test('other errors are not remembered: they may be over at the next call', () => {
  const { failures, session, told } = remembering();
  failures.remember(session, settings, undefined, new DiscoveryError('https://mcp.example', 'x', []));
  expect(told()).toBeUndefined();
});
