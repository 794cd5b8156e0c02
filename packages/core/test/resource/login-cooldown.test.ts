import { expect, test } from '@jest/globals';
import { LoginCooldown } from '../../src/resource/login-cooldown.js';

const RESOURCE = 'https://mcp.example/mcp';

/** What one process sees of a person's logins, and a clock that the test turns. */
function process() {
  let monotonic = 0;
  const cooldown = new LoginCooldown({ now: () => 0, monotonic: () => monotonic }, RESOURCE);
  let logins = 0;
  const identity = () => ({ grantId: `login-${String(logins)}`, generation: 1 });
  /** For how many seconds nobody is to be asked. */
  const wait = (): number => {
    try {
      cooldown.assertOver();
      return 0;
    } catch (error) {
      expect(error).toMatchObject({ code: 'transient' });
      return (error as { readonly retryAfterMs: number }).retryAfterMs / 1_000;
    }
  };
  return {
    cooldown,
    identity,
    wait,
    login: () => {
      logins++;
      cooldown.seen(identity());
    },
    works: (operation: string) => {
      cooldown.worked(identity(), operation);
    },
    refuses: (operation?: string): number => {
      cooldown.refused(identity(), operation);
      return wait();
    },
    pass: (seconds: number): void => void (monotonic += seconds * 1_000),
  };
}

test('A38: after the second login that changed nothing each one makes the next wait twice as long, up to ten minutes', () => {
  const { login, refuses, wait, pass } = process();
  const waits: number[] = [];
  for (let logins = 1; logins <= 8; logins++) {
    login();
    pass(1);
    const seconds = refuses('call');
    waits.push(seconds);
    if (seconds === 0) continue;
    pass(seconds - 1);
    expect(wait()).toBe(1);
    pass(1);
    expect(wait()).toBe(0);
  }
  expect(waits).toEqual([0, 60, 120, 240, 480, 600, 600, 600]);
});

test('one login counts once, however many calls are refused and whatever kinds', () => {
  const { login, refuses } = process();
  login();
  for (const operation of ['one', 'other', undefined, 'one']) expect(refuses(operation)).toBe(0);
  login();
  for (const operation of ['one', 'other', undefined]) expect(refuses(operation)).toBe(60);
});

test('late answers to tokens of an earlier login are not counted against anybody', () => {
  const { cooldown, login, identity, wait } = process();
  login();
  const earlier = identity();
  login();
  for (let answers = 0; answers < 10; answers++) cooldown.refused(earlier, 'call');
  expect(wait()).toBe(0);
});

test('a login whose tokens did something is counted where the same call gets nowhere again, and not for another', () => {
  const { login, works, refuses } = process();
  const turn = (operation: string): number => {
    login();
    works('initialize');
    return refuses(operation);
  };
  expect(['one', 'other', 'third'].map(turn)).toEqual([0, 0, 0]);
  expect(['one', 'other', 'third'].map(turn)).toEqual([0, 60, 120]);
});

test('whoever restarts a server again and again logs in each time, whichever call meets it first', () => {
  const { login, works, refuses, pass } = process();
  for (const operation of ['one', 'other', 'third', 'one', 'other', 'third']) {
    expect(refuses(operation)).toBe(0);
    login();
    for (const call of ['initialize', operation]) works(call);
    pass(5);
  }
});

test('a call that was refused and works now ends the wait', () => {
  const { cooldown, login, works, refuses, wait } = process();
  for (let logins = 0; logins < 4; logins++) {
    login();
    refuses('call');
  }
  expect(wait()).toBe(240);
  expect(cooldown.isWatching).toBe(true);
  works('other');
  expect(wait()).toBe(240);
  works('call');
  expect(wait()).toBe(0);
  login();
  expect(refuses('call')).toBe(0);
});

test('a login that lasted two minutes changed something, whoever saw its calls, and nothing is left of the wait', () => {
  const { login, refuses, wait, pass } = process();
  for (let logins = 0; logins < 6; logins++) {
    login();
    refuses();
  }
  expect(wait()).toBe(600);
  login();
  pass(120);
  expect(refuses()).toBe(0);
  login();
  expect(refuses()).toBe(0);
});

test('ten quiet minutes after the wait it begins anew', () => {
  const { login, refuses, pass } = process();
  login();
  refuses('call');
  login();
  expect(refuses('call')).toBe(60);
  pass(60 + 601);
  login();
  expect(refuses('call')).toBe(0);
});

test('what a person ends is forgotten', () => {
  const { cooldown, login, refuses } = process();
  for (let logins = 0; logins < 3; logins++) {
    login();
    refuses('call');
  }
  cooldown.forget();
  login();
  expect(refuses('call')).toBe(0);
});

test('nobody looks at calls for longer than ten minutes after a refusal, and remembers no more than 32 kinds', () => {
  const { cooldown, login, works, refuses, pass } = process();
  login();
  expect(cooldown.isWatching).toBe(false);
  for (let kind = 0; kind < 100; kind++) refuses(String(kind));
  expect(cooldown.isWatching).toBe(true);
  pass(601);
  expect(cooldown.isWatching).toBe(false);
  // The kinds of then are no reason to count a login of now.
  login();
  works('initialize');
  refuses('0');
  login();
  expect(refuses('other')).toBe(0);
});

test('the error names the server, what happened and how long to wait', () => {
  const { cooldown, login, refuses } = process();
  login();
  refuses('call');
  login();
  refuses('call');
  expect(() => {
    cooldown.assertOver();
  }).toThrow(
    /^https:\/\/mcp\.example\/mcp refuses the tokens of a new login, .* nobody is asked for 60 s\. Tell whoever runs/,
  );
});
