import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { installWithoutPeers, openIn } from './support/installation.js';

let directory = '';
beforeAll(() => {
  directory = installWithoutPeers();
});

test('where no driver is installed, memory: works and loads no store', async () => {
  const { said, loaded } = await openIn(directory, 'memory:');
  expect(said).toBe('it works');
  expect(loaded).toEqual(['@mcp-oauth/core', '@mcp-oauth/open-store', 'oauth4webapi']);
});

test('where no driver is installed, file: works and loads the file store alone', async () => {
  const { said, loaded } = await openIn(directory, 'file:~/tokens');
  expect(said).toBe('it works');
  expect(existsSync(join(directory, 'home/tokens'))).toBe(true);
  expect(loaded).toEqual([
    '@mcp-oauth/core',
    '@mcp-oauth/open-store',
    '@mcp-oauth/storage-fs',
    'oauth4webapi',
  ]);
});

test('encryption is loaded where keys are given', async () => {
  const { said, loaded } = await openIn(directory, 'memory:', 'ring');
  expect(said).toBe('it works');
  expect(loaded).toContain('@mcp-oauth/storage-encrypted');
});

test('where a driver is missing, its address tells the command that installs it', async () => {
  const sqlite = await openIn(directory, `sqlite:${directory}/tokens.db`);
  expect(sqlite.said).toContain('npm install better-sqlite3');
  expect(sqlite.loaded).not.toContain('@mcp-oauth/storage-redis');
  const redis = await openIn(directory, 'redis://ada:hidden@localhost');
  expect(redis.said).toMatch(/^InvalidConfigError: .*npm install ioredis$/);
  expect(redis.loaded).not.toContain('@mcp-oauth/storage-sqlite');
  const keychain = await openIn(directory, 'memory:', 'keychain');
  expect(keychain.said).toMatch(/^StoreError: .*npm install @napi-rs\/keyring$/);
});
