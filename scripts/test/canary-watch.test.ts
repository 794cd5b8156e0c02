import { expect, test } from '@jest/globals';
import { CanaryWatch } from '../testing/canary-watch.mjs';

// Put together here, so that the source itself holds none.
const secret = ['cnry', 'refresh', '0123456789abcdef'.repeat(2)].join('_');

function leaksOf(...chunks: string[]): readonly string[] {
  const watch = new CanaryWatch();
  for (const chunk of chunks) watch.push(chunk);
  return watch.end();
}

test('a printed secret is reported with its line, and masked', () => {
  expect(leaksOf(`fine\nrefresh failed for ${secret}!\nfine\n`)).toEqual([
    'refresh failed for cnry_refresh_[masked]!',
  ]);
});

test('a secret is found wherever the output was cut', () => {
  const output = `before ${secret} after\nnext line`;
  for (let cut = 1; cut < output.length; cut++)
    expect(leaksOf(output.slice(0, cut), output.slice(cut))).toEqual(['before cnry_refresh_[masked] after']);
  expect(leaksOf(...Array.from(output))).toHaveLength(1);
});

test('a secret is found in a last line without an end', () => {
  expect(leaksOf(`token=${secret}`)).toHaveLength(1);
});

test('a secret is found when colours run through it', () => {
  expect(leaksOf(`+ ${secret.slice(0, 20)}\u001B[7m${secret.slice(20)}\u001B[27m\n`)).toHaveLength(1);
});

test('a secret in an endless line is found once, and such a line is not kept', () => {
  const filler = 'x'.repeat(1024 * 1024);
  expect(leaksOf(filler, secret.slice(0, 30), secret.slice(30), filler, filler)).toHaveLength(1);
  expect(leaksOf(`${filler}${secret.slice(0, 30)}`, `${secret.slice(30)}${filler}`)).toHaveLength(1);
});

test('each line with a secret is reported', () => {
  expect(leaksOf(`${secret}\n${secret} ${secret}\nnone\n${secret}`)).toHaveLength(3);
});

test('what only resembles a secret is no leak', () => {
  expect(leaksOf('cnry_refresh_0123\n', `${secret.slice(0, -1)}\n`, `${secret.slice(5)}\n`)).toEqual([]);
});
