import { expect, test } from '@jest/globals';
import { LoginCooldown } from '../../src/resource/login-cooldown.js';

const RESOURCE = 'https://mcp.example/mcp';

/** A server that refuses every token, and a clock that the test turns. Says how long nobody is to be asked. */
function refusingServer() {
  let monotonic = 0;
  const cooldown = new LoginCooldown({ now: () => 0, monotonic: () => monotonic }, RESOURCE);
  const refused = (login: string, operation = 'call'): number => {
    try {
      cooldown.assertWorthwhile(operation, { grantId: login, generation: 1 });
      return 0;
    } catch (error) {
      expect(error).toMatchObject({ code: 'transient' });
      return (error as { readonly retryAfterMs: number }).retryAfterMs / 1_000;
    }
  };
  return { cooldown, refused, pass: (seconds: number) => void (monotonic += seconds * 1_000) };
}

test('the first refusal is worth a login, however often it is met', () => {
  const { refused, pass } = refusingServer();
  for (let calls = 0; calls < 100; calls++) {
    expect(refused('first')).toBe(0);
    pass(1);
  }
});

test('A38: each login that changes nothing makes the next one wait twice as long, up to ten minutes', () => {
  const { refused, pass } = refusingServer();
  refused('login-0');
  const waits: number[] = [];
  for (let login = 1; login <= 7; login++) {
    const seconds = refused(`login-${String(login)}`);
    waits.push(seconds);
    pass(seconds - 1);
    expect(refused(`login-${String(login)}`)).toBe(1);
    pass(1);
    expect(refused(`login-${String(login)}`)).toBe(0);
  }
  expect(waits).toEqual([60, 120, 240, 480, 600, 600, 600]);
});

test('a call that works ends it, for calls of its kind alone', () => {
  const { cooldown, refused } = refusingServer();
  for (const operation of ['one', 'other']) {
    refused('first', operation);
    expect(refused('second', operation)).toBe(60);
  }
  cooldown.worked('one');
  expect([refused('third', 'one'), refused('third', 'other')]).toEqual([0, 120]);
});

test('after twenty quiet minutes it begins anew', () => {
  const { refused, pass } = refusingServer();
  refused('first');
  refused('second');
  pass(20 * 60);
  expect(refused('third')).toBe(0);
});

test('of more kinds of calls than it counts it forgets the one that was refused longest ago', () => {
  const { cooldown, refused } = refusingServer();
  for (let kind = 0; kind <= 32; kind++) refused('first', String(kind));
  expect([refused('second', '32'), refused('second', '0')]).toEqual([60, 0]);
  for (let kind = 0; kind <= 32; kind++) cooldown.worked(String(kind));
  expect(cooldown.isIdle).toBe(true);
});

test('the error names the server, what happened and how long to wait', () => {
  const cooldown = new LoginCooldown({ now: () => 0, monotonic: () => 0 }, RESOURCE);
  cooldown.assertWorthwhile('call', { grantId: 'first', generation: 1 });
  expect(() => cooldown.assertWorthwhile('call', { grantId: 'second', generation: 1 })).toThrow(
    /^https:\/\/mcp\.example\/mcp refuses the tokens of a new login, .* nobody is asked for 60 s\. Tell whoever runs/,
  );
});
