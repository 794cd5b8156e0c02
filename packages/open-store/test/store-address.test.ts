import { expect, test } from '@jest/globals';
import { InvalidConfigError } from '@mcp-oauth/core';
import { parseStoreAddress } from '../src/store-address.js';
import type { Host } from '../src/store-address.js';

const linux: Host = { platform: 'linux', home: () => '/home/me' };
const windows: Host = { platform: 'win32', home: () => 'C:\\Profiles\\me' };

test.each([
  ['file:/var/lib/tokens', '/var/lib/tokens'],
  ['FILE:/var/lib/tokens', '/var/lib/tokens'],
  ['file:///var/lib/tokens', '/var/lib/tokens'],
  ['file://localhost/var/lib/tokens', '/var/lib/tokens'],
  ['file:~/.my-app', '/home/me/.my-app'],
  ['file:/a b/ü', '/a b/ü'],
  ['file:/a%20b/%C3%BC%3F%23%25', '/a b/ü?#%'],
  ['file:/a/../b/./c', '/b/c'],
  ['file:/~/x', '/~/x'],
  ['file:/a\\b', '/a\\b'],
])('%s is the directory %s', (address, path) => {
  expect(parseStoreAddress(address, linux)).toEqual({ kind: 'file', path });
  const sqlite = address.replace(/^file/i, 'sqlite');
  expect(parseStoreAddress(sqlite, linux)).toEqual({ kind: 'sqlite', path });
});

test.each([
  ['file:///C:/tokens', 'C:\\tokens'],
  ['file:/c:/tokens', 'c:\\tokens'],
  ['file:C:/tokens', 'C:\\tokens'],
  ['file:C:\\tokens\\of%20ada', 'C:\\tokens\\of ada'],
  ['file:~/.my-app', 'C:\\Profiles\\me\\.my-app'],
  ['file:~\\.my-app', 'C:\\Profiles\\me\\.my-app'],
])('on Windows %s is the directory %s', (address, path) => {
  expect(parseStoreAddress(address, windows)).toEqual({ kind: 'file', path });
});

test.each([
  ['', /Known are: memory:, file:/],
  ['/var/lib/tokens', /Known are/],
  ['postgres://ada:hidden@db/tokens', /Known are/],
  ['http://ada:hidden@redis', /Known are/],
  ['ada:hidden@redis:6379', /Known are/],
  ['memory:hidden', /nothing after/],
  ['file:', /names no path/],
  ['file:tokens', /absolute path.* ~\//],
  ['file:./tokens', /absolute path/],
  ['file:~', /absolute path/],
  ['file:~ada/tokens', /absolute path/],
  ['file:/', /all of a drive/],
  ['file:///', /all of a drive/],
  ['file://server/share', /third slash/],
  ['file:/tokens?mode=1', /no \? and no #/],
  ['file:/tokens#1', /no \? and no #/],
  ['file:/100%', /%25/],
  ['file:/%FF', /%25/],
  ['file:/a%00b', /names no path/],
  ['sqlite::memory:', /absolute path/],
  ['sqlite:tokens.db', /absolute path/],
  ['sqlite:/var/lib/', /names a directory/],
])('refuses %j', (address, message) => {
  expect(() => parseStoreAddress(address, linux)).toThrow(InvalidConfigError);
  expect(() => parseStoreAddress(address, linux)).toThrow(message);
  expect(() => parseStoreAddress(address, linux)).not.toThrow(/hidden/);
});

test.each([
  ['file:/tokens', /absolute path/],
  ['file:C:tokens', /absolute path/],
  ['file:C:/', /all of a drive/],
  ['file://server/share', /third slash/],
])('on Windows refuses %s', (address, message) => {
  expect(() => parseStoreAddress(address, windows)).toThrow(message);
});

test('a home directory that is not there is told, where it is needed', () => {
  const homeless: Host = { platform: 'linux', home: () => undefined };
  expect(() => parseStoreAddress('file:~/x', homeless)).toThrow(/Set HOME/);
  expect(() => parseStoreAddress('file:~/x', { ...homeless, home: () => 'relative' })).toThrow(/Set HOME/);
  expect(parseStoreAddress('file:/x', homeless)).toEqual({ kind: 'file', path: '/x' });
});

const plain = { kind: 'redis', host: 'redis.example', port: 6379, db: 0, tls: false };
test.each([
  ['redis://redis.example', plain],
  ['redis://redis.example/', plain],
  ['rediss://redis.example:6380/2', { ...plain, port: 6380, db: 2, tls: true }],
  ['redis://:p%40ss@redis.example', { ...plain, password: 'p@ss' }],
  [
    'redis://ada:secret@redis.example?prefix=app',
    { ...plain, username: 'ada', password: 'secret', prefix: 'app' },
  ],
  ['redis://[::1]:7000', { ...plain, host: '::1', port: 7000 }],
  ['redis://127.0.0.1', { ...plain, host: '127.0.0.1' }],
])('%s is understood', (address, expected) => {
  expect(parseStoreAddress(address, linux)).toEqual(expected);
});

test.each([
  ['redis:', /no host/],
  ['redis://', /no host/],
  ['redis:///1', /no host/],
  ['redis://ada:hidden@', /no host/],
  ['redis://:hidden#hidden@redis.example', /no host/],
  ['redis://ada:hidden@redis.example:port', /no host/],
  ['redis://ada:hidden%@redis.example', /%25/],
  ['redis://ada:hidden@redis.example/0#x', /%23/],
  ['redis://ada:hidden@redis.example/tokens', /number of a database/],
  ['redis://ada:hidden@redis.example/1/2', /number of a database/],
  ['redis://ada:hidden@redis.example?family=6', /one prefix=/],
  ['redis://ada:hidden@redis.example?prefix=a&prefix=b', /one prefix=/],
  ['redis://ada:hidden@redis.example?prefix=', /prefix is empty/],
])('refuses %s, and shows nothing of it', (address, message) => {
  expect(() => parseStoreAddress(address, linux)).toThrow(InvalidConfigError);
  expect(() => parseStoreAddress(address, linux)).toThrow(message);
  expect(() => parseStoreAddress(address, linux)).not.toThrow(/hidden/);
});
