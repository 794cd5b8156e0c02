import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { expectNoLeaks } from '@mcp-oauth/e2e';
import { processesNaming, soon, withExample } from './support/run-example.js';

const STORY_MS = 90_000;

const claims = [
  'one browser tab',
  'one login, one registration, counted by the authorization server',
  'one exchange of a code for tokens, no needless refresh',
  'window 1 got the sum',
  'one refresh for two processes',
  'it needed no login',
  'no file holds a token in the clear',
  'window 3 is logged out too',
];

function isListening({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

test(
  'into a pipe the story is told to its end by itself, shows no secret and leaves nothing behind',
  () =>
    withExample(async ({ start, left, directory }) => {
      const example = start([], { DISPLAY: '' });
      const code = await example.ended;
      const output = example.output();
      expect({ code, output }).toMatchObject({ code: 0 });
      for (const claim of claims) expect(output).toContain(`✓ ${claim}\n`);
      expect(output).toContain('12 claims held.');
      expect(output).not.toContain('\u001b');
      expect(output).not.toMatch(/[?&](code|state|code_challenge)=/);
      expectNoLeaks({ output });
      expect(await left()).toEqual([]);
      expect(await processesNaming(directory)).toEqual([]);
      const servers = [...output.matchAll(/http:\/\/127\.0\.0\.1:\d+/g)].map(([url]) => new URL(url));
      expect(servers.length).toBeGreaterThan(1);
      for (const server of servers) expect(await isListening(server)).toBe(false);
    }),
  STORY_MS,
);

test(
  'Ctrl-C in the middle ends it with 130, without windows and without files',
  () =>
    withExample(async ({ start, left, directory }) => {
      for (const moment of ['connects to demo', 'waiting 4 s']) {
        const example = start();
        await example.printed(moment);
        example.child.kill('SIGINT');
        expect(await example.ended).toBe(130);
        expect(example.output()).toContain('Stopped.');
        expect(await left()).toEqual([]);
        expect(await processesNaming(directory)).toEqual([]);
      }
    }),
  STORY_MS,
);

test(
  'windows whose starter was killed close by themselves',
  () =>
    withExample(async ({ start, directory }) => {
      const example = start();
      await example.printed('waiting 4 s');
      expect(await processesNaming(directory)).toHaveLength(2);
      example.child.kill('SIGKILL');
      await example.ended;
      while ((await processesNaming(directory)).length > 0) await soon(50);
    }),
  STORY_MS,
);

test(
  'a data directory that can not be one ends it with 1, says why, and leaves nothing behind',
  () =>
    withExample(async ({ start, left, directory }) => {
      const file = join(directory, 'file');
      await writeFile(file, '');
      const example = start(['--data', file]);
      expect(await example.ended).toBe(1);
      expect(example.output()).toContain(file);
      expect(example.output()).toContain('window 1 has ended before its time.');
      expect(await left()).toEqual([]);
    }),
  STORY_MS,
);

test(
  'with servers of its own the person types to the windows, which tell what they can not do',
  () =>
    withExample(async ({ start, left, directory }) => {
      const config = join(directory, 'mcp.json');
      const data = join(directory, 'data');
      // Nobody listens on the discard port of this machine.
      await writeFile(
        config,
        '{"mcpServers": {"mine": {"url": "http://127.0.0.1:9/mcp", "auth": {"type": "oauth"}}}}',
      );
      const example = start(['--data', data], { MCP_CONFIG: config });
      expect(await example.ended).toBe(0);
      expect(example.output()).toContain('window 1 │ > connect');
      expect(example.output()).toMatch(/window 2 │ ✗ .*127\.0\.0\.1:9/);
      expect(example.output()).toContain(`tokens are kept in ${data}`);
      expect(await left()).toEqual([]);
    }),
  STORY_MS,
);

test('a command line that means nothing, and a configuration that can not be read, end with 2 and the usage', () =>
  withExample(async ({ start, left }) => {
    const examples = [['--hedless'], ['--headless', '--scripted'], ['--config', '/x', '--scripted']].map(
      (args) => start(args),
    );
    for (const example of examples) {
      expect(await example.ended).toBe(2);
      expect(example.output()).toContain('npm run example:desktop');
    }
    expect(await left()).toEqual([]);
  }));
