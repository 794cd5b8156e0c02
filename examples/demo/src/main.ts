import { access } from 'node:fs/promises';
import { connect } from 'node:net';
import { argv, env, stderr, stdout } from 'node:process';
import { OAuthClientError } from '@mcp-oauth/core';
import { BrokenClaimError } from './broken-claim-error.js';
import { anotherProcess } from './chapters/another-process.js';
import { login } from './chapters/login.js';
import { logout } from './chapters/logout.js';
import { setting } from './chapters/setting.js';
import { toolCall } from './chapters/tool-call.js';
import { twentyCalls } from './chapters/twenty-calls.js';
import { whereTokensLie } from './chapters/where-tokens-lie.js';
import { demoOptions, usage, UsageError } from './command-line.js';
import type { DemoOptions } from './command-line.js';
import { Narrator } from './narrator.js';
import { onStage } from './stage.js';
import type { Stage } from './stage.js';

const chapters = [setting, login, toolCall, whereTokensLie, twentyCalls, anotherProcess, logout];
/** 128 and the number of the signal, as shells have it. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

async function demo(options: DemoOptions, narrator: Narrator, signal: AbortSignal): Promise<void> {
  const began = performance.now();
  narrator.title(
    'mcp-oauth',
    'One login, from the first 401 to the logout. Every ✓ was checked before it was printed.',
  );
  let left: Pick<Stage, 'temporaryDirectory' | 'authorizationServer' | 'mcpServer'> | undefined;
  await onStage(options, { narrator, signal }, async (stage) => {
    left = stage;
    for (const chapter of chapters) {
      signal.throwIfAborted();
      await chapter(stage);
    }
  });
  if (left === undefined) return;
  narrator.chapter('Nothing is left behind');
  narrator.claim('the temporary directory is gone', await exists(left.temporaryDirectory), false);
  const servers = [left.authorizationServer.tokens.issuer, left.mcpServer.origin];
  const listening = await Promise.all(servers.map(isListening));
  narrator.claim('neither server listens any more', listening.filter(Boolean).length, 0);
  narrator.say();
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  narrator.say(`${narrator.claims} claims held, in ${seconds} s.`);
  narrator.say();
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

function isListening(origin: string): Promise<boolean> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    process.exitCode = exitCodes[name];
    stopping.abort(new DOMException(`Stopped by ${name}.`, 'AbortError'));
  });
}

try {
  const options = demoOptions(argv.slice(2));
  if (options === undefined) stdout.write(usage);
  else await demo(options, new Narrator(stdout, env), stopping.signal);
} catch (error) {
  // What ends because of the signal ends with many an error, and none of them is news.
  if (stopping.signal.aborted) stdout.write('\n    Stopped. Nothing is left behind.\n\n');
  else if (error instanceof UsageError) {
    process.exitCode = 2;
    stderr.write(`${error.message}\n\n${usage}`);
  } else if (error instanceof BrokenClaimError || error instanceof OAuthClientError) {
    process.exitCode = 1;
    stderr.write(`\n${error.message}\n`);
  } else throw error;
}
