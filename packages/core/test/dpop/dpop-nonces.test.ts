import { expect, test } from '@jest/globals';
import { DpopNonces } from '../../src/dpop/dpop-nonces.js';

const bringing = (nonce: string) => new Headers({ 'dpop-nonce': nonce });

test('the last nonce of each origin is kept, and none goes to another origin', () => {
  const nonces = new DpopNonces();
  nonces.observe('https://as.example/token', bringing('a'));
  nonces.observe('https://as.example/other?x#y', bringing('b'));
  nonces.observe('https://mcp.example/mcp', bringing('c'));
  expect(nonces.of('https://as.example/token')).toBe('b');
  expect(nonces.of('https://mcp.example')).toBe('c');
  expect(nonces.of('http://mcp.example')).toBeUndefined();
  expect(nonces.of('https://mcp.example:8443')).toBeUndefined();
});

test('an answer without a nonce leaves the last one', () => {
  const nonces = new DpopNonces();
  nonces.observe('https://as.example', bringing('a'));
  expect(nonces.observe('https://as.example', new Headers())).toBeUndefined();
  expect(nonces.of('https://as.example')).toBe('a');
});

test.each(['a b', 'a"b', 'a\\b', 'ä', 'a'.repeat(1_025)])('what is no nonce is none: %j', (nonce) => {
  const nonces = new DpopNonces();
  expect(nonces.observe('https://as.example', bringing(nonce))).toBeUndefined();
  expect(nonces.of('https://as.example')).toBeUndefined();
});

test('A91: the nonces of 200 origins are kept, those that were named last', () => {
  const nonces = new DpopNonces();
  for (let i = 0; i < 200; i++) nonces.observe(`https://s${String(i)}.example`, bringing('n'));
  nonces.observe('https://s0.example', bringing('again'));
  nonces.observe('https://one-more.example', bringing('n'));
  expect(nonces.of('https://s0.example')).toBe('again');
  expect(nonces.of('https://s1.example')).toBeUndefined();
  expect(nonces.of('https://s2.example')).toBe('n');
});
