import { expect, test } from '@jest/globals';
import { LoginCooldown } from '../../src/resource/login-cooldown.js';

const RESOURCE = 'https://mcp.example/mcp';

/** A session, and a clock that the test turns. `wanted` says for how many seconds nobody is to be asked. */
function session() {
  let monotonic = 0;
  const cooldown = new LoginCooldown({ now: () => 0, monotonic: () => monotonic }, RESOURCE);
  const wanted = (operation?: string): number => {
    try {
      cooldown.assertWorthwhile(operation);
      return 0;
    } catch (error) {
      expect(error).toMatchObject({ code: 'transient' });
      return (error as { readonly retryAfterMs: number }).retryAfterMs / 1_000;
    }
  };
  const pass = (seconds: number): void => void (monotonic += seconds * 1_000);
  return { cooldown, wanted, pass };
}

test('nobody has logged in, and a login is wanted as often as one likes', () => {
  const { wanted, pass } = session();
  for (let calls = 0; calls < 100; calls++) {
    expect(wanted('call')).toBe(0);
    pass(1);
  }
});

test('A38: after the second login that changed nothing each one makes the next wait twice as long, up to ten minutes', () => {
  const { cooldown, wanted, pass } = session();
  const waits: number[] = [];
  for (let logins = 1; logins <= 8; logins++) {
    cooldown.loggedIn();
    pass(1);
    const seconds = wanted('call');
    waits.push(seconds);
    if (seconds === 0) continue;
    pass(seconds - 1);
    expect(wanted('call')).toBe(1);
    pass(1);
    expect(wanted('call')).toBe(0);
  }
  expect(waits).toEqual([0, 60, 120, 240, 480, 600, 600, 600]);
});

test('one login counts once, however many calls and whatever kinds of them wanted another', () => {
  const { cooldown, wanted } = session();
  cooldown.loggedIn();
  for (const operation of ['one', 'other', 'third', 'one']) expect(wanted(operation)).toBe(0);
  cooldown.loggedIn();
  for (const operation of ['one', 'other', undefined]) expect(wanted(operation)).toBe(60);
});

test('a call that works ends it, if it is of the kind that got nowhere', () => {
  const { cooldown, wanted } = session();
  const turn = (worked: string): number => {
    cooldown.loggedIn();
    expect(cooldown.isWatching).toBe(true);
    cooldown.worked(worked);
    return wanted('call');
  };
  const turns = ['other', 'other', 'other', 'other', 'call', 'other'].map(turn);
  expect(turns).toEqual([0, 0, 60, 120, 0, 0]);
});

test('a login that lasted two minutes changed something, whoever saw its calls', () => {
  const { cooldown, wanted, pass } = session();
  for (let logins = 0; logins < 5; logins++) {
    cooldown.loggedIn();
    pass(120);
    expect(wanted()).toBe(0);
  }
});

test('ten quiet minutes after the wait it begins anew', () => {
  const { cooldown, wanted, pass } = session();
  for (let logins = 0; logins < 2; logins++) {
    cooldown.loggedIn();
    wanted('call');
  }
  expect(wanted('call')).toBe(60);
  pass(60 + 601);
  wanted('call');
  cooldown.loggedIn();
  expect(wanted('call')).toBe(0);
});

test('what a person ends is forgotten', () => {
  const { cooldown, wanted } = session();
  for (let logins = 0; logins < 3; logins++) {
    cooldown.loggedIn();
    wanted('call');
  }
  cooldown.forget();
  expect([wanted('call'), cooldown.isWatching]).toEqual([0, true]);
});

test('nobody looks at calls any more once the login has proved itself or its time is over', () => {
  const { cooldown, wanted, pass } = session();
  expect(cooldown.isWatching).toBe(false);
  cooldown.loggedIn();
  cooldown.worked('call');
  expect(cooldown.isWatching).toBe(false);
  wanted('call');
  pass(120);
  expect(cooldown.isWatching).toBe(false);
});

test('the error names the server, what happened and how long to wait', () => {
  const { cooldown } = session();
  cooldown.loggedIn();
  cooldown.assertWorthwhile('call');
  cooldown.loggedIn();
  expect(() => cooldown.assertWorthwhile('call')).toThrow(
    /^https:\/\/mcp\.example\/mcp refuses the tokens of a new login, .* nobody is asked for 60 s\. Tell whoever runs/,
  );
});
