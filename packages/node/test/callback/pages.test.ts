import { expect, test } from '@jest/globals';
import { pages, type Page } from '../../src/callback/pages.js';
import { listenOn } from '../support/listening.js';
import { get } from '../support/sockets.js';

const all = Object.keys(pages) as Page[];

test.each([
  'error=%3Cscript%3Ealert(1)%3C/script%3E',
  'error_description=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E',
  '%3C/title%3E%3Cscript%3E',
  'x=%2BADw-script%2BAD4-',
  "'-alert(1)-'",
])('A49: %s leaves no trace in any page', async (query) => {
  const { listening, uri } = await listenOn();
  const response = listening.response('s');

  const ignored = await get(`${uri}?${query}`);
  const browser = get(`${uri}?${query}&state=s`);
  (await response).show('failed');

  expect(ignored.body).toBe(pages.ignored.toString());
  expect((await browser).body).toBe(pages.failed.toString());
});

test('A50: every answer forbids what a page could leak by or be used for', async () => {
  const { listening, uri } = await listenOn();
  const response = listening.response('s');
  const browser = get(`${uri}?code=c&state=s`);
  (await response).show('succeeded');

  for (const { headers } of [await get(uri), await get(`${uri}/x`), await browser]) {
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      connection: 'close',
    });
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; script-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  }
});

test.each(all)('the page %s says in plain language what to do, and loads nothing', (page) => {
  const html = pages[page].toString();

  expect(html).toContain('<html lang="en">');
  expect(html).toContain('<meta charset="utf-8">');
  expect(/<title>(.+)<\/title>/.exec(html)?.[1]).toBe(/<h1>(.+)<\/h1>/.exec(html)?.[1]);
  expect(html).not.toMatch(/https?:|src=|href=|url\(|@import|<link|<img|<form/);
  expect(html).toMatch(/go back to your application/i);
});
