import { expect, test } from '@jest/globals';
import { polledTokens } from '../../src/device/device-polling.js';
import type { TokenSet } from '../../src/credentials/credentials.js';
import {
  AuthorizationDeniedError,
  AuthorizationTimeoutError,
  InvalidConfigError,
  LimitExceededError,
  TokenRequestError,
  TransientError,
} from '../../src/errors.js';
import { ProtocolFailure } from '../../src/protocol/protocol-failure.js';

const tokens: TokenSet = { access_token: 'access', token_type: 'Bearer', issued_at: 0 };

const refused = (error: string, status = 400) => new ProtocolFailure('refused', { error, status });
const pending = refused('authorization_pending');
const slowDown = refused('slow_down');

interface Polling {
  readonly interval?: number;
  readonly timeoutMs?: number;
  /** How long each token request takes. */
  readonly requestMs?: number;
  readonly signal?: AbortSignal;
  readonly onAsk?: (count: number) => void;
}

/** Polls with a clock of its own; these answers come one after the other, the last one again and again. */
async function polled(answers: readonly (TokenSet | Error)[], options: Polling = {}) {
  const { interval, timeoutMs = 900_000, requestMs = 0, onAsk } = options;
  const { signal = new AbortController().signal } = options;
  const pauses: number[] = [];
  let now = 5_000_000;
  let asked = 0;
  const polling = polledTokens({
    resource: 'https://mcp.example/mcp',
    issuer: 'https://as.example',
    interval,
    timeoutMs,
    clock: { now: () => 0, monotonic: () => now },
    pause: (ms, either) => {
      either.throwIfAborted();
      pauses.push(ms / 1_000);
      now += ms;
      return Promise.resolve();
    },
    ask: () => {
      asked++;
      now += requestMs;
      onAsk?.(asked);
      const answer = answers[Math.min(asked, answers.length) - 1];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? tokens);
    },
    signal,
  });
  const outcome: unknown = await polling.catch((error: unknown) => error);
  return { outcome, pauses, asked };
}

test('waits before it asks for the first time, 5 s where the server names no interval', async () => {
  const { outcome, pauses } = await polled([tokens]);
  expect(outcome).toBe(tokens);
  expect(pauses).toEqual([5]);
});

test('keeps to the interval of the server while the person has not decided', async () => {
  const { outcome, pauses } = await polled([pending, pending, pending, tokens], { interval: 7 });
  expect(outcome).toBe(tokens);
  expect(pauses).toEqual([7, 7, 7, 7]);
});

test('A66: slow_down makes every later pause 5 s longer, each time', async () => {
  const answers = [pending, slowDown, pending, slowDown, pending, tokens];
  const { pauses } = await polled(answers, { interval: 5 });
  expect(pauses).toEqual([5, 5, 10, 10, 15, 15]);
});

test('A66: slow_down for ever ends when the code does, after fewer and fewer requests', async () => {
  const { outcome, asked, pauses } = await polled([slowDown], { interval: 5, timeoutMs: 900_000 });
  expect(outcome).toBeInstanceOf(AuthorizationTimeoutError);
  expect(asked).toBe(18);
  expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBe(900);
});

test.each([
  [0.001, 1],
  [1, 1],
  [59.5, 59.5],
  [61, 60],
  [1e9, 60],
])('A66: an interval of %d s is kept as %d s', async (interval, expected) => {
  expect((await polled([pending, tokens], { interval })).pauses).toEqual([expected, expected]);
});

test('A66: nobody waits longer than agreed, whatever the server says, and the last pause is cut short', async () => {
  const { outcome, pauses } = await polled([pending], { interval: 30, timeoutMs: 100_000 });
  expect(outcome).toBeInstanceOf(AuthorizationTimeoutError);
  expect((outcome as Error).message).toContain('within 100 s');
  expect(pauses).toEqual([30, 30, 30, 10]);
});

test('the time that requests take counts too', async () => {
  const { asked } = await polled([pending], { interval: 5, timeoutMs: 60_000, requestMs: 15_000 });
  expect(asked).toBe(3);
});

test.each([
  ['a server that can not be reached', () => new TransientError('gone')],
  ['an answer that is no JSON', () => new ProtocolFailure('unreadable', { status: 502 })],
  ['temporarily_unavailable', () => refused('temporarily_unavailable')],
  ['server_error', () => refused('server_error')],
])(
  '%s doubles the pause up to a minute, and a clean answer ends that (RFC 8628 section 3.5)',
  async (_, make) => {
    const answers = [make(), make(), make(), make(), make(), pending, tokens];
    const { outcome, pauses } = await polled(answers, { interval: 5 });
    expect(outcome).toBe(tokens);
    expect(pauses).toEqual([5, 10, 20, 40, 60, 60, 5]);
  },
);

test('trouble never shortens a pause, and Retry-After is honoured within bounds', async () => {
  const after = (ms: number) => new TransientError('busy', ms);
  expect((await polled([after(30_000), tokens])).pauses).toEqual([5, 30]);
  expect((await polled([after(3_600_000), tokens])).pauses).toEqual([5, 60]);
  const slowed = [...Array.from({ length: 13 }, () => slowDown), after(0), tokens];
  expect((await polled(slowed, { timeoutMs: 9_000_000 })).pauses.slice(-2)).toEqual([70, 70]);
});

test('a code that nobody used in time is a timeout, one that was declined a denial', async () => {
  expect((await polled([refused('expired_token')])).outcome).toBeInstanceOf(AuthorizationTimeoutError);
  const { outcome } = await polled([pending, refused('access_denied')]);
  expect(outcome).toBeInstanceOf(AuthorizationDeniedError);
  expect(outcome).toMatchObject({ error: 'access_denied' });
});

test.each([
  ['invalid_grant', refused('invalid_grant'), 'refused the device code (invalid_grant)'],
  ['invalid_client', refused('invalid_client', 401), 'refused the device code (invalid_client)'],
  ['a token response without a token', new ProtocolFailure('malformed'), 'gave no usable token response'],
])('%s ends it, for good', async (_, error, problem) => {
  const { outcome, asked } = await polled([pending, error, tokens]);
  expect(outcome).toBeInstanceOf(TokenRequestError);
  expect(outcome).toMatchObject({ error: error.error, status: error.status });
  expect((outcome as Error).message).toContain(problem);
  expect(asked).toBe(2);
});

test.each([
  new InvalidConfigError('no key'),
  new LimitExceededError('The answer', '1 MB'),
  new TypeError('x'),
])('what has nothing to do with the person is thrown as it is: %s', async (error) => {
  expect((await polled([error, tokens])).outcome).toBe(error);
});

test('a signal ends it with its reason, and tokens that were on their way by then are still heard', async () => {
  const reason = new Error('given up');
  const waiting = await polled([pending], { signal: AbortSignal.abort(reason) });
  expect(waiting).toMatchObject({ outcome: reason, asked: 0 });
  const controller = new AbortController();
  const heard = await polled([tokens], {
    signal: controller.signal,
    onAsk: () => {
      controller.abort(reason);
    },
  });
  expect(heard.outcome).toBe(tokens);
});

test('a server whose nonces change faster than they can be used is asked again', async () => {
  const { outcome, asked } = await polled([refused('use_dpop_nonce'), pending, tokens]);
  expect(outcome).toBe(tokens);
  expect(asked).toBe(3);
});
