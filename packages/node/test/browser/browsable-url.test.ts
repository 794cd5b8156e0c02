import { expect, test } from '@jest/globals';
import { UnsafeUrlError } from '@mcp-oauth/core';
import { SystemBrowser } from '@mcp-oauth/node';
import { assertBrowsable, assertBrowsableOnWindows } from '../../src/browser/browsable-url.js';

test.each([
  'https://as.example/authorize?response_type=code&state=a%20b',
  'https://as.example:8443/',
  'https://as.example/$(id)?x=`id`',
  'http://localhost:8080/authorize',
  'http://127.0.0.1:8080/authorize',
  'http://[::1]:8080/authorize',
  'https://xn--pple-43d.com/',
])('%s may be shown', (href) => {
  expect(() => {
    assertBrowsable(new URL(href));
  }).not.toThrow();
});

test.each([
  'file:///c:/windows/system32/calc.exe',
  'file://evil/share/x.lnk',
  'smb://evil/share',
  'ms-msdt:/id',
  'vscode://file/x',
  'ssh://-oProxyCommand=calc',
  'chrome://settings',
  'view-source:https://as.example/',
  'blob:https://as.example/1',
  'mailto:somebody@example.com',
  'ftp://as.example/',
  'JAVASCRIPT:alert(1)',
  ' java\nscript:alert(1)',
  'vbscript:x',
  'data:text/html,x',
  'about:blank',
  'http://evil.example/authorize',
  'http://127.0.0.2/authorize',
  'http://localhost.evil.example/authorize',
  'https://user@as.example/',
  'https://:secret@as.example/',
  `https://as.example/?${'x'.repeat(8192)}`,
])('A31, A32, A33: %s is not opened', async (href) => {
  const opened = new SystemBrowser().open(new URL(href));

  await expect(opened).rejects.toThrow(UnsafeUrlError);
  await expect(opened).rejects.not.toThrow('secret');
});

test.each([
  'https://as.example/$(calc.exe)/a',
  'https://as.example/a?x=$env:PATH',
  'https://as.example/a?x=`calc`',
  'https://as.example/a;(calc)',
  "https://as.example/';calc;'",
  "https://as.example/a#';calc;'",
  'https://as.example/\u2018;calc;\u2019',
  'https://as.example/\u201c;calc;\u201d',
  'https://as.example/\u201a;calc;\u201b',
  'https://as.example/a?x=%e2%80%98calc',
])('A28, A30: %s is not opened on Windows', (href) => {
  expect(() => {
    assertBrowsableOnWindows(new URL(href));
  }).toThrow(UnsafeUrlError);
});

test('A28: an address with everything that a login puts into it is opened on Windows', () => {
  const url = new URL('https://as.example/tenant-1/oauth2/v2.0/authorize');
  url.search = new URLSearchParams({
    redirect_uri: 'http://localhost:9876/callback',
    scope: 'openid files:read https://graph.example/.default',
    claims: '{"id_token":{"acr":{"values":["$1","(2)","\'3\'"]}}}',
    state: 'abc-_~.',
  }).toString();

  expect(() => {
    assertBrowsableOnWindows(url);
  }).not.toThrow();
});
