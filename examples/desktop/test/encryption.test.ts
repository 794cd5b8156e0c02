import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { expectNoLeaks } from '@mcp-oauth/e2e';
import { withDesk } from './support/desk.js';

const STORY_MS = 60_000;

test(
  'without a keychain the key lies in a file of the user alone, the window says so, and no token is in the clear',
  () =>
    withDesk(async ({ open, files, authorizationServer, dataDirectory }) => {
      const window = open();
      expect(await window.command('connect demo')).toMatch(/^✓ connected/);
      expect(window.output).toContain(
        `the key of the database is in the file ${join(dataDirectory, 'tokens.key')}`,
      );
      expect(window.output).toContain('no keychain is here');
      const secrets = authorizationServer.secrets();
      expect(secrets.length).toBeGreaterThan(2);
      // While it is open, with its log, and after it was closed.
      for (const found of [await files(), (await window.quit(), await files())]) {
        expect(found.map(({ name }) => name)).toEqual(expect.arrayContaining(['tokens.db', 'tokens.key']));
        for (const { name, mode, text } of found) {
          expect({ name, mode }).toEqual({ name, mode: '600' });
          expect(text).not.toContain('access_token');
          expectNoLeaks({ [name]: text }, secrets);
        }
      }
    }),
  STORY_MS,
);

test(
  'a key file that is gone is told, and the same command works when it is back',
  () =>
    withDesk(async ({ open, tabs, dataDirectory }) => {
      const first = open();
      await first.command('connect demo');
      await first.quit();
      const [path, elsewhere] = [join(dataDirectory, 'tokens.key'), join(dataDirectory, '..', 'away')];
      await rename(path, elsewhere);
      const second = open();
      const told = await second.command('connect demo');
      expect(told).toMatch(/^✗ The database of tokens is encrypted, and its key is not at hand/);
      expect(told).toContain(path);
      await rename(elsewhere, path);
      expect(await second.command('connect demo')).toMatch(/^✓ connected .* without a login in this window$/);
      expect(tabs).toHaveLength(1);
    }),
  STORY_MS,
);
