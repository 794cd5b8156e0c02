import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { UnsafeUrlError } from '@mcp-oauth/core';
import { TerminalPrompt } from '@mcp-oauth/node';
import { ask } from '../support/terminal.js';

const callback = 'http://localhost:9876/callback?code=c0de&state=s';

test('shows the server, the whole address on a line of its own, and what to do', async () => {
  const address = `https://as.example/authorize?redirect_uri=http%3A%2F%2Flocalhost%3A9876%2Fcallback&x=${'y'.repeat(2000)}`;
  const asking = await ask({ authorizationUrls: [address] });

  const shown = await asking.sees('Address: ');
  asking.type('x\r');
  await asking.ending;

  expect(shown).toContain('Log in to https://mcp.example/mcp\r\n');
  expect(shown.split('\r\n')).toContain(address);
  expect(shown).toContain('http://localhost:9876/callback?...');
  expect(shown).toContain('nowhere but in this terminal');
});

test.each([
  ['for a minute', 59_900, /on any computer, within 5\d seconds:/],
  ['for ten minutes', 600_000, /on any computer, within (9|10) minutes:/],
  ['always', undefined, /on any computer:/],
])('an address that is good %s is shown as that', async (_, goodForMs, expected) => {
  const asking = await ask({ goodForMs });
  const shown = await asking.sees('Address: ');
  asking.type('x\r');
  await asking.ending;
  expect(shown).toMatch(expected);
});

test('an address that is not good any more before it could be shown is not shown', async () => {
  const asking = await ask({ goodForMs: 0 });
  const { shown, answers } = await asking.ending;
  expect(shown).not.toContain('https://as.example');
  expect(answers).toMatchObject([{ name: 'BrowserError', message: expect.stringContaining('Log in again') }]);
});

test('an address that is not good any more is not offered for another try', async () => {
  const address = 'https://as.example/authorize?request_uri=urn:x';
  const asking = await ask({ authorizationUrls: [address], goodForMs: 0, rejected: 'no.' });
  const shown = await asking.sees('Address: ');
  asking.type('x\r');
  await asking.ending;
  expect(shown).toMatch(/not accepted: no\.[^]*press Ctrl-C[^]*not good any more/);
  expect(shown).not.toContain(address);
});

test('resolves with what was pasted, and leaves the terminal and the process as they were', async () => {
  const asking = await ask();
  await asking.sees('Address: ');

  asking.type(`${callback}\r`);
  const { available, answers, code, restored } = await asking.ending;

  expect({ available, answers, code, restored }).toEqual({
    available: true,
    answers: [callback],
    code: 0,
    restored: true,
  });
});

test.each([1_000, 4_095, 4_096, 8_000, 16_000])(
  'an address of %d characters arrives whole',
  async (length) => {
    const long = `${callback}&x=${randomBytes(length).toString('hex')}`.slice(0, length);
    const asking = await ask();
    await asking.sees('Address: ');

    asking.type(`${long}\r`);

    expect((await asking.ending).answers).toEqual([long]);
  },
);

test('what is longer than any address is asked for again', async () => {
  const asking = await ask();
  await asking.sees('Address: ');

  asking.type(`${'x'.repeat(20_000)}\r`);
  await asking.sees('longer than any address');
  asking.type(`${callback}\r`);

  expect((await asking.ending).answers).toEqual([callback]);
});

test('what was pasted is not shown, but its length is', async () => {
  const asking = await ask();
  await asking.sees('Address: ');

  asking.type(callback);
  await asking.sees(`${String(callback.length)} characters`);
  asking.type('\r');
  const { shown } = await asking.ending;

  expect(shown).not.toContain('c0de');
  expect(shown).not.toContain('localhost');
});

test('a line can be corrected, and line breaks within a paste are dropped', async () => {
  const asking = await ask();
  await asking.sees('Address: ');

  asking.type('\r\n\r  \x15');
  asking.type('wrong\x15http://localhost\x1b[D\x1b[A\x1bOP\x07:98766\x7f/call');
  asking.type('\x1b[200~back?code=c0de\r\n&state=s\r\n\x1b[201~');
  asking.type('\n');

  expect((await asking.ending).answers).toEqual([callback]);
});

test('says why the last answer was not taken', async () => {
  const asking = await ask({ rejected: 'its state belongs to no login that was begun here\x1b[2J' });

  const shown = await asking.sees('Address: ');
  asking.type(`${callback}\r`);
  await asking.ending;

  expect(shown).toContain('That was not accepted: its state belongs to no login that was begun here?[2J\r\n');
  expect(shown.split('\r\n')).toContain('https://as.example/authorize');
});

test.each([
  ['Ctrl-C', '\x03'],
  ['Ctrl-C in the middle of a line', 'http://\x03'],
  ['the end of the input', '\x04'],
])(
  '%s rejects with an AbortError, restores the terminal and leaves the rest to the application',
  async (_, keys) => {
    const asking = await ask();
    await asking.sees('Address: ');

    asking.type(keys);
    const { answers, code, restored } = await asking.ending;

    expect(answers).toMatchObject([{ name: 'AbortError' }]);
    expect({ code, restored }).toEqual({ code: 0, restored: true });
  },
);

test('a terminal that is closed ends the question, and not the process that outlives it', async () => {
  const asking = await ask();
  await asking.sees('Address: ');

  asking.hangUp();
  const { answers } = await asking.ending;

  // How it ends after that says nothing: Node 20 aborts at its end where stdio was a terminal that is gone.
  expect(answers).toMatchObject([{ name: 'BrowserError' }]);
});

test('an aborted signal ends the question with its reason, and the process can end', async () => {
  const asking = await ask({ abortMs: 300 });
  await asking.sees('Address: ');
  asking.type('http://loc');

  const { answers, code, restored } = await asking.ending;

  expect(answers).toEqual([{ name: 'Error', message: 'logged in elsewhere' }]);
  expect({ code, restored }).toEqual({ code: 0, restored: true });
});

test('two logins are asked for one after the other', async () => {
  const asking = await ask({ authorizationUrls: ['https://one.example/a', 'https://two.example/a'] });
  const first = await asking.sees('Address: ');
  expect(first).toContain('one.example');
  expect(first).not.toContain('two.example');

  asking.type('first\r');
  await asking.sees('two.example');
  asking.type('second\r');

  expect((await asking.ending).answers).toEqual(['first', 'second']);
});

test('an aborted signal also ends the questions that wait for their turn', async () => {
  const asking = await ask({
    authorizationUrls: ['https://one.example/a', 'https://two.example/a'],
    abortMs: 300,
  });

  const { answers, shown, restored } = await asking.ending;

  expect(answers).toMatchObject([{ message: 'logged in elsewhere' }, { message: 'logged in elsewhere' }]);
  expect(shown).not.toContain('two.example');
  expect(restored).toBe(true);
});

test.each([
  ['a pipeline on both sides', ['null', 'null', 'tty']],
  ['a stdin that is piped', ['null', 'tty', 'tty']],
  ['a stdout that goes to a file', ['tty', 'null', 'null']],
] as const)('with %s it talks to the terminal itself', async (_, streams) => {
  const asking = await ask({ streams });
  await asking.sees('Address: ');

  asking.type(`${callback}\r`);

  expect(await asking.ending).toMatchObject({ available: true, answers: [callback], restored: true });
});

test('a program whose streams all lead elsewhere leaves the terminal to the one that started it', async () => {
  const { available, answers, shown } = await (await ask({ streams: ['null', 'null', 'null'] })).ending;

  expect(available).toBe(false);
  expect(answers).toMatchObject([{ name: 'BrowserError' }]);
  expect(shown).toBe('');
});

test('without a controlling terminal it takes stdin and stderr, where both are one', async () => {
  const asking = await ask({ through: ['setsid', '--wait'] });
  await asking.sees('Address: ');

  asking.type(`${callback}\r`);

  expect(await asking.ending).toMatchObject({
    available: true,
    answers: [callback],
    restored: true,
    code: 0,
  });
});

if (process.platform === 'linux')
  test('in the background it asks nothing, since reading would stop the process', async () => {
    const { available, answers } = await (await ask({ through: ['sh', '-mc', '"$@" & wait', 'sh'] })).ending;

    expect(available).toBe(false);
    expect(answers).toMatchObject([{ name: 'BrowserError' }]);
  });

test('in CI nobody is there', async () => {
  const asking = await ask({ env: { CI: 'true' } });
  await asking.sees('Address: ');
  asking.type('\x03');

  expect((await asking.ending).available).toBe(false);
});

test.each([
  [
    'A41: a server that brings control characters',
    'https://mcp.example/\x1b]8;;https://bank.example\x07x',
    'https://mcp.example/%1B]8;;https://bank.example%07x',
  ],
  [
    'A41: a name that is none',
    'Click\x1b[2J https://bank.example \u202e',
    'Click?[2J https://bank.example ?',
  ],
  ['A18: a look-alike', 'https://\u0430pple.com/mcp', 'https://xn--pple-43d.com/mcp'],
])('%s is shown as what it is', async (_, resource, expected) => {
  const asking = await ask({ resource });
  const shown = await asking.sees('Address: ');
  asking.type('\x03');
  await asking.ending;

  expect(shown).toContain(`Log in to ${expected}\r\n`);
  expect(shown.replace('\x1b[?2004h', '')).not.toMatch(/[\x00-\x09\x0b\x0c\x0e-\x1f]/);
});

test('A31: an address that must not be opened is not shown either', async () => {
  const asked = new TerminalPrompt().ask({
    authorizationUrl: new URL('file:///etc/passwd'),
    resource: 'https://mcp.example/mcp',
    signal: new AbortController().signal,
  });

  await expect(asked).rejects.toThrow(UnsafeUrlError);
});
