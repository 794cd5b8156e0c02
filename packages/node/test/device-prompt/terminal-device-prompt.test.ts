import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { UnsafeUrlError, type UserCode } from '@mcp-oauth/core';
import { TerminalDevicePrompt } from '@mcp-oauth/node';
import { atTerminal, type TerminalOptions } from '../support/terminal.js';
import { modulesShown, qrModules, withoutColours } from './shown-modules.js';

const script = fileURLToPath(new URL('show.mjs', import.meta.url));
const page = 'https://as.example/device';
const complete = `${page}?user_code=WDJB-MJHT`;

interface Shown {
  readonly available: boolean;
  readonly error?: { readonly name: string; readonly message: string };
}

async function show(request: object = {}, options: TerminalOptions = {}) {
  const code = {
    resource: 'https://mcp.example/mcp',
    issuer: 'https://as.example',
    userCode: 'WDJB-MJHT',
    verificationUri: page,
    expiresInMs: 15 * 60_000 + 5_000,
    ...request,
  };
  return await (
    await atTerminal<Shown>(script, [JSON.stringify(code)], options)
  ).ending;
}

/** Runs the script at a terminal of that many columns. */
function columns(count: number, options: TerminalOptions = {}): TerminalOptions {
  return { ...options, through: ['sh', '-c', `stty cols ${String(count)} rows 50; exec "$@"`, 'sh'] };
}

test('shows the server, the address and the code, each on a line of its own, and the process can end', async () => {
  const { shown, available, error, code } = await show();

  expect({ available, error, code }).toEqual({ available: true, error: undefined, code: 0 });
  const lines = shown.split('\r\n');
  expect(lines).toContain('Log in to https://mcp.example/mcp');
  // The page may be anybody's: a person can compare whose it is with who sent them there.
  expect(lines).toContain('by way of https://as.example/');
  expect(lines).toContain(page);
  expect(lines).toContain('    WDJB-MJHT');
  expect(shown).toContain('It is good for 15 minutes.');
  expect(shown).toContain('Type it nowhere else.');
});

test.each([
  ['256 colours', { TERM: 'xterm-256color' }],
  ['16 colours', { TERM: 'xterm' }],
])('with %s the complete address stands there as a QR code that reads as exactly that', async (_, env) => {
  const { shown } = await show({ verificationUriComplete: complete }, columns(80, { env }));

  expect(modulesShown(shown)).toEqual(qrModules(complete));
  expect(withoutColours(shown)).toContain('Scan this with a phone, or open this address');
  expect(shown).not.toContain(complete);
});

test('the quiet zone is four modules wide on every side, and drawn', async () => {
  const { shown } = await show({ verificationUriComplete: complete }, columns(80));

  const modules = modulesShown(shown);
  const isLight = (line: readonly boolean[] = []) => !line.includes(true);
  expect(modules.slice(0, 4).every(isLight)).toBe(true);
  expect(modules.slice(-4).every(isLight)).toBe(true);
  expect(modules.every((line) => isLight(line.slice(0, 4)) && isLight(line.slice(-4)))).toBe(true);
  expect(isLight(modules[4])).toBe(false);
});

test('where the terminal is too narrow for it, it is left out: as wide as it is it stands', async () => {
  const { length } = qrModules(complete)[0] ?? [];

  const fits = await show({ verificationUriComplete: complete }, columns(length));
  const narrow = await show({ verificationUriComplete: complete }, columns(length - 1));

  expect(fits.shown).toContain('▀');
  expect(narrow.shown).not.toMatch(/[▀▄█]/);
  expect(narrow.shown).toContain('    WDJB-MJHT');
  expect(narrow.shown).toContain('Open this address');
});

test.each([
  ['a terminal without colours', { TERM: 'dumb' }],
  ['a person who wants none', { NO_COLOR: '1' }],
])('for %s it is left out, since the polarity could not be told', async (_, env) => {
  const { shown } = await show({ verificationUriComplete: complete }, columns(80, { env }));

  expect(shown).not.toMatch(/[▀▄█\x1b]/);
  expect(shown).toContain('    WDJB-MJHT');
});

test('an address that is too long to be scanned is left out', async () => {
  const { shown } = await show({ verificationUriComplete: `${page}?x=${'y'.repeat(600)}` }, columns(300));

  expect(shown).not.toMatch(/[▀▄█]/);
  expect(shown).toContain('    WDJB-MJHT');
});

test('A66: a code and a server with control characters are shown without them', async () => {
  const { shown } = await show({
    userCode: 'WDJB\x1b[2J\x07\u202eMJHT',
    resource: 'Click\x1b[2J https://bank.example \u202e',
  });

  expect(shown).toContain('    WDJB?[2J??MJHT\r\n');
  expect(shown).toContain('Log in to Click?[2J https://bank.example ?\r\n');
  expect(shown).not.toMatch(/[\x00-\x09\x0b\x0c\x0e-\x1f]/);
});

test('A18: a look-alike is shown as what it is', async () => {
  const { shown } = await show({
    resource: 'https://\u0430pple.com/mcp',
    verificationUri: 'https://\u0430pple.com/device',
  });

  expect(shown).toContain('Log in to https://xn--pple-43d.com/mcp\r\n');
  expect(shown).toContain('\r\nhttps://xn--pple-43d.com/device\r\n');
});

test.each([
  'javascript:alert(1)',
  'file:///etc/passwd',
  'http://as.example/device',
  'https://a:b@as.example/',
])('A66: %s is shown to nobody', async (address) => {
  const { signal } = new AbortController();
  const prompt = new TerminalDevicePrompt();
  const code: UserCode = {
    resource: 'https://mcp.example/mcp',
    issuer: 'https://as.example',
    userCode: 'WDJB-MJHT',
    verificationUri: new URL(page),
    expiresAt: new Date(),
  };

  const asPage = prompt.show({ ...code, verificationUri: new URL(address) }, { signal });
  await expect(asPage).rejects.toThrow(UnsafeUrlError);
  const asScan = prompt.show({ ...code, verificationUriComplete: new URL(address) }, { signal });
  await expect(asScan).rejects.toThrow('verification_uri_complete');
});

test.each([
  ['a stdin that is piped', ['null', 'tty', 'tty']],
  ['a stdout that goes to a file', ['tty', 'null', 'null']],
  ['nothing but stderr', ['null', 'null', 'tty']],
] as const)('with %s it writes to the terminal itself', async (_, streams) => {
  const { available, shown, error } = await show({}, { streams });

  expect({ available, error }).toEqual({ available: true, error: undefined });
  expect(shown).toContain('    WDJB-MJHT');
});

test('without a controlling terminal it writes to stderr where that is one, and never to stdout', async () => {
  const through = ['setsid', '--wait'];
  const atStderr = await show({}, { streams: ['null', 'null', 'tty'], through });
  const atStdout = await show({}, { streams: ['null', 'tty', 'null'], through });

  expect(atStderr).toMatchObject({ available: true, code: 0 });
  expect(atStderr.shown).toContain('    WDJB-MJHT');
  expect(atStdout).toMatchObject({ available: false, shown: '', error: { name: 'BrowserError' } });
});

test('a program whose streams all lead elsewhere leaves the terminal to the one that started it', async () => {
  const ending = await show({}, { streams: ['null', 'null', 'null'] });

  expect(ending).toMatchObject({ available: false, shown: '', error: { name: 'BrowserError' } });
});

test('in CI nobody is there', async () => {
  expect(await show({}, { env: { CI: 'true' } })).toMatchObject({ available: false });
});

test('a login that has ended is shown to nobody', async () => {
  const { shown, error } = await show({ aborted: true });

  expect(error).toEqual({ name: 'Error', message: 'logged in elsewhere' });
  expect(shown).toBe('');
});
