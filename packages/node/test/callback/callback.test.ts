import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import type { CallbackPage } from '@mcp-oauth/core';
import { pages } from '../../src/callback/pages.js';
import { isPending, listenOn } from '../support/listening.js';
import { connectTo, get } from '../support/sockets.js';

const newState = () => randomBytes(32).toString('base64url');

test('resolves with the address that the person was sent to', async () => {
  const { listening, uri } = await listenOn();
  const state = newState();
  const response = listening.response(state);

  const browser = get(`${uri}?code=a%20b%2Bc&state=${state}&iss=https%3A%2F%2Fas.example`);
  const { url, show } = await response;
  show('succeeded');

  expect(url.href).toBe(`${uri}?code=a%20b%2Bc&state=${state}&iss=https%3A%2F%2Fas.example`);
  expect((await browser).body).toBe(pages.succeeded.toString());
});

test.each(['127.0.0.1', '[::1]', 'localhost'])(
  'a callback is taken on %s, whichever a browser picks',
  async (host) => {
    const { listening, port, uri } = await listenOn();
    const state = newState();
    const response = listening.response(state);

    const browser = get(`http://${host}:${String(port)}/callback?code=c&state=${state}`);
    const { url, show } = await response;
    show('succeeded');

    expect(url.href).toBe(`${uri}?code=c&state=${state}`);
    expect((await browser).status).toBe(200);
  },
);

test.each<CallbackPage>(['succeeded', 'denied', 'failed'])(
  'the browser waits, then sees that it %s',
  async (page) => {
    const { listening, uri } = await listenOn();
    const state = newState();
    const response = listening.response(state);

    const browser = get(`${uri}?error=access_denied&state=${state}`);
    const { show } = await response;
    expect(await isPending(browser)).toBe(true);
    show(page);
    show(page === 'denied' ? 'succeeded' : 'denied');

    expect((await browser).body).toBe(pages[page].toString());
    expect((await get(`${uri}?state=${state}`)).body).toBe(pages[page].toString());
  },
);

test('A51: whoever asks again gets the same page, and nothing is settled twice', async () => {
  const { listening, uri } = await listenOn();
  const state = newState();
  const url = `${uri}?code=c&state=${state}`;
  const response = listening.response(state);

  const early = [get(url), get(url)];
  const callback = await response;
  const other = get(`${uri}?code=other&state=${state}`);
  expect(await isPending(Promise.race([...early, other]))).toBe(true);
  callback.show('denied');
  const late = get(url);

  for (const seen of await Promise.all([...early, other, late]))
    expect(seen.body).toBe(pages.denied.toString());
  expect(await listening.response(state)).toBe(callback);
  expect(callback.url.href).toBe(url);
});

test('A53: after an answer that was shown as failed, the next one with the same state is waited for', async () => {
  const { listening, uri } = await listenOn();
  const state = newState();
  const forgedPage = get(`${uri}?code=forged&state=${state}`);
  (await listening.response(state)).show('failed');
  expect((await forgedPage).body).toBe(pages.failed.toString());

  const next = listening.response(state);
  expect(await isPending(next)).toBe(true);
  const honestPage = get(`${uri}?code=honest&state=${state}`);
  const honest = await next;
  expect(honest.url.searchParams.get('code')).toBe('honest');
  honest.show('succeeded');
  expect((await honestPage).body).toBe(pages.succeeded.toString());
});

test('several logins wait on one listener, and each gets its own', async () => {
  const { listening, uri } = await listenOn();
  const states = [newState(), newState(), newState()];
  const responses = states.map((state) => listening.response(state));

  const browsers = [...states].reverse().map((state) => get(`${uri}?code=for-${state}&state=${state}`));
  const callbacks = await Promise.all(responses);
  const outcomes = ['succeeded', 'denied', 'failed'] as const;
  callbacks.forEach(({ show }, index) => {
    show(outcomes[index] ?? 'failed');
  });

  expect(callbacks.map(({ url }) => url.searchParams.get('code'))).toEqual(
    states.map((state) => `for-${state}`),
  );
  const bodies = (await Promise.all(browsers)).map(({ body }) => body);
  expect(bodies).toEqual([...outcomes].reverse().map((page) => pages[page].toString()));
});

test('a person who closes the tab too early has still logged in', async () => {
  const { listening, port } = await listenOn();
  const state = newState();
  const response = listening.response(state);

  const browser = await connectTo(port);
  browser.write(`GET /callback?code=c&state=${state} HTTP/1.1\r\nHost: localhost:${String(port)}\r\n\r\n`);
  const { url, show } = await response;
  browser.destroy();
  await once(browser, 'close');
  show('succeeded');

  expect(url.searchParams.get('code')).toBe('c');
});

test.each<[string, (state: string) => string]>([
  ['A42: no state at all', () => 'code=attacker'],
  ['A43: another state', () => `code=attacker&state=${newState()}`],
  ['A43: an empty state', () => 'code=attacker&state='],
  ['A43: all but the last byte', (state) => `code=attacker&state=${state.slice(0, -1)}`],
  ['A43: one byte too many', (state) => `code=attacker&state=${state}x`],
  ['A43: the state in another case', (state) => `code=attacker&state=${swapCase(state)}`],
  ['A43: the state as an array', (state) => `code=attacker&state[]=${state}`],
  [
    'A43: a look-alike of a letter',
    (state) => `code=attacker&state=${encodeURIComponent(`\uff21${state.slice(1)}`)}`,
  ],
  ['A44: an error without a state', () => 'error=access_denied'],
  ['A44: an error with another state', () => `error=access_denied&state=${newState()}`],
  ['two states, the right one first', (state) => `code=attacker&state=${state}&state=x`],
  ['two states, the right one last', (state) => `code=attacker&state=x&state=${state}`],
  ['two codes', (state) => `code=attacker&code=other&state=${state}`],
  ['two issuers', (state) => `code=attacker&iss=a&iss=b&state=${state}`],
  ['two errors', (state) => `error=a&error=b&state=${state}`],
  ['a code that is repeated under an encoded name', (state) => `code=attacker&%63ode=other&state=${state}`],
])('%s is answered, and the login goes on', async (_, queryFor) => {
  const { listening, uri } = await listenOn();
  const state = newState();
  const response = listening.response(state);

  const ignored = await get(`${uri}?${queryFor(state)}`);

  expect(ignored.status).toBe(400);
  expect(ignored.body).toBe(pages.ignored.toString());
  expect(await isPending(response)).toBe(true);

  const real = get(`${uri}?code=real&state=${state}`);
  const { url, show } = await response;
  show('succeeded');
  expect(url.searchParams.get('code')).toBe('real');
  expect((await real).status).toBe(200);
});

function swapCase(text: string): string {
  return text.replace(/[a-z]/gi, (c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase()));
}

test('a callback for a state that nobody awaits yet is forgotten', async () => {
  const { listening, uri } = await listenOn();
  const state = newState();

  expect((await get(`${uri}?code=early&state=${state}`)).status).toBe(400);

  expect(await isPending(listening.response(state))).toBe(true);
});
