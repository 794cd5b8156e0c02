import { expect, test } from '@jest/globals';
import { expectNoLeaks } from '@mcp-oauth/e2e';
import { withDemo } from './run-demo.js';

const STORY_MS = 90_000;

test(
  'in Chromium without a window somebody logs in on the pages of oidc-provider, and the story ends well',
  () =>
    withDemo(async ({ start, left }) => {
      const demo = start(['--headless-browser']);
      const { code } = await demo.ended;
      expect({ code, output: demo.output() }).toMatchObject({ code: 0 });
      expect(demo.output()).toMatch(/^ +whoami +alice, with mcp:tools$/m);
      expect(demo.output()).toMatch(/^ +refreshes +1 /m);
      expect(demo.output()).toContain('✓ the refresh token is dead at the server');
      expectNoLeaks({ output: demo.output() });
      // Chromium leaves lock files of its own behind when it is told to go.
      expect((await left()).filter((name) => name.startsWith('mcp-oauth-'))).toEqual([]);
    }),
  STORY_MS,
);

test(
  'Ctrl-C while Chromium logs in ends it with 130, without Chromium, and leaves nothing behind',
  () =>
    withDemo(async ({ start, left }) => {
      const demo = start(['--headless-browser']);
      while (!demo.output().includes('who logs in')) await new Promise((resolve) => setTimeout(resolve, 20));
      await new Promise((resolve) => setTimeout(resolve, 300));
      demo.child.kill('SIGINT');
      const { code } = await demo.ended;
      expect({ code, output: demo.output() }).toMatchObject({ code: 130 });
      expect((await left()).filter((name) => name.startsWith('mcp-oauth-'))).toEqual([]);
    }),
  STORY_MS,
);
