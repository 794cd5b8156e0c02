import { expect, test } from '@jest/globals';
import { shownCode } from '../../src/device/user-code.js';
import { TokenRequestError, UnsafeUrlError } from '../../src/errors.js';

const about = { resource: 'https://mcp.example/mcp', issuer: 'https://as.example' };
const answer = {
  userCode: 'WDJB-MJHT',
  verificationUri: 'https://as.example/device',
  verificationUriComplete: undefined,
};
const expiresAt = new Date(0);

test('a person is shown what the server wrote', () => {
  const complete = 'https://as.example/device?user_code=WDJB-MJHT';
  expect(shownCode(about, { ...answer, verificationUriComplete: complete }, expiresAt)).toEqual({
    ...about,
    userCode: 'WDJB-MJHT',
    verificationUri: new URL(answer.verificationUri),
    verificationUriComplete: new URL(complete),
    expiresAt,
  });
});

test.each(['0', 'wdjb mjht', '123 456 789', 'A.B_C/D', 'X'.repeat(64)])('a code may be %s', (userCode) => {
  expect(shownCode(about, { ...answer, userCode }, expiresAt).userCode).toBe(userCode);
});

test.each([
  ['none', ''],
  ['blanks', '   '],
  ['an escape sequence', 'WDJB\x1b[2JMJHT'],
  ['a line break', 'WDJB\nMJHT'],
  ['a carriage return', 'WDJB\rMJHT'],
  ['letters that look like others', 'WDJB-\u0410\u0412'],
  ['a change of direction', '\u202eTHJM'],
  ['a code of 65 characters', 'X'.repeat(65)],
  ['a code of 10 kB', 'X'.repeat(10_240)],
])('A66: %s is no code, and is not repeated', (_, userCode) => {
  const show = () => shownCode(about, { ...answer, userCode }, expiresAt);
  expect(show).toThrow(TokenRequestError);
  expect(show).toThrow(
    'The device authorization endpoint of https://as.example gave no code that a person could type.',
  );
});

test.each([
  ['javascript:alert(1)'],
  ['file:///etc/passwd'],
  ['data:text/html,x'],
  ['http://as.example/device'],
  ['https://user:password@as.example/device'],
  ['https://as.example/\x1b[2J'],
  ['as.example/device'],
  [''],
  [`https://as.example/${'x'.repeat(10_000)}`],
])('A66, A03: %s is no address to open', (address) => {
  expect(() => shownCode(about, { ...answer, verificationUri: address }, expiresAt)).toThrow(UnsafeUrlError);
  const complete = () => shownCode(about, { ...answer, verificationUriComplete: address }, expiresAt);
  expect(complete).toThrow('verification_uri_complete');
});

test.each(['https://evil.example/device?user_code=WDJB-MJHT', 'https://as.example:8443/device'])(
  'A66: a QR code never leads elsewhere than the address beside it says: not to %s',
  (verificationUriComplete) => {
    const shown = shownCode(about, { ...answer, verificationUriComplete }, expiresAt);
    expect(shown.verificationUri.href).toBe(answer.verificationUri);
    expect(shown.verificationUriComplete).toBeUndefined();
  },
);
