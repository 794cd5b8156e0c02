import { expect, test } from '@jest/globals';
import { expectNoLeaks } from '@mcp-oauth/e2e';
import { withExample } from './support/run-example.js';

const STORY_MS = 90_000;

test(
  'in Chromium without a window somebody logs in on the pages of oidc-provider, once for both windows',
  () =>
    withExample(async ({ start, left }) => {
      const example = start(['--headless']);
      const code = await example.ended;
      expect({ code, output: example.output() }).toMatchObject({ code: 0 });
      expect(example.output()).toContain('✓ one browser tab\n');
      expect(example.output()).toContain('✓ one refresh for two processes\n');
      expect(example.output()).toContain('✓ no file holds a token in the clear\n');
      expectNoLeaks({ output: example.output() });
      expect(await left()).toEqual([]);
    }),
  STORY_MS,
);
