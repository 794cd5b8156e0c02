import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { expectNoLeaks } from '@mcp-oauth/e2e';
import { withDesk } from './support/desk.js';
import { startSecretService } from './support/secret-service.js';

const STORY_MS = 60_000;

test(
  'with a Secret Service the key lies there, both windows agree on it, and no file of the application has it',
  () =>
    withDesk(async ({ open, tabs, files, authorizationServer, directory }) => {
      const service = await startSecretService(join(directory, 'home'), 'pw');
      try {
        const windows = [open(service.env), open(service.env)];
        for (const told of await Promise.all(windows.map((window) => window.command('connect demo'))))
          expect(told).toMatch(/^✓ connected/);
        expect(tabs).toHaveLength(1);
        for (const { output } of windows)
          expect(output).toContain('the key of the database is in the keychain');
        const found = await files();
        expect(found.map(({ name }) => name).sort()).toEqual(['tokens.db', 'tokens.db-shm', 'tokens.db-wal']);
        for (const { name, mode, text } of found) {
          expect({ name, mode }).toEqual({ name, mode: '600' });
          expect(text).not.toContain('access_token');
          expectNoLeaks({ [name]: text }, authorizationServer.secrets());
        }
        expect((await readdir(join(directory, 'home', 'data'), { recursive: true })).join(' ')).toContain(
          '.keyring',
        );
      } finally {
        await service.stop();
      }
    }),
  STORY_MS,
);

test(
  'a locked keyring, and one that is gone, are told and lose nothing: unlocked, the login is there',
  () =>
    withDesk(async ({ open, tabs, files, directory }) => {
      const home = join(directory, 'home');
      const connect = async (env: NodeJS.ProcessEnv): Promise<string> => {
        const window = open(env);
        const told = await window.command('connect demo');
        expect(await window.quit()).toBe(0);
        return told;
      };
      const withService = async (password?: string): Promise<string> => {
        const service = await startSecretService(home, password);
        try {
          return await connect(service.env);
        } finally {
          await service.stop();
        }
      };
      expect(await withService('pw')).toMatch(/^✓ connected .* after a login$/);
      expect(await withService()).toMatch(/^✗ The keychain of this system did not give access .* Unlock it/);
      const gone = await connect({});
      expect(gone).toMatch(/^✗ The database of tokens is encrypted, and its key is not at hand/);
      expect(gone).toContain('start this from the desktop session that has it');
      expect((await files()).map(({ name }) => name)).not.toContain('tokens.key');
      expect(await withService('pw')).toMatch(/^✓ connected .* without a login in this window$/);
      expect(tabs).toHaveLength(1);
    }),
  STORY_MS,
);

test(
  'with --key-file the keychain is left alone',
  () =>
    withDesk(async ({ open, dataDirectory, directory }) => {
      const service = await startSecretService(join(directory, 'home'), 'pw');
      try {
        const window = open(service.env, ['--key-file']);
        expect(await window.command('connect demo')).toMatch(/^✓ connected/);
        expect(await readFile(join(dataDirectory, 'tokens.key'), 'utf8')).toMatch(
          /^[A-Za-z0-9_-]+:[A-Za-z0-9_-]{43}\n$/,
        );
        expect(window.output).not.toContain('keychain');
      } finally {
        await service.stop();
      }
    }),
  STORY_MS,
);
