import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startMcpServer, startStoryAuthorizationServer } from '@mcp-oauth/e2e';
import type { RunningMcpServer, StoryAuthorizationServer } from '@mcp-oauth/e2e';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { DemoOptions } from './command-line.js';
import { createMcpHost } from './mcp-host.js';
import type { McpHost } from './mcp-host.js';
import type { Narrator } from './narrator.js';
import { personAt } from './people.js';
import type { Person } from './people.js';
import { Trail } from './trail.js';

/** Everything that the story needs, running. */
export interface Stage {
  readonly narrator: Narrator;
  readonly signal: AbortSignal;
  readonly authorizationServer: StoryAuthorizationServer;
  readonly mcpServer: RunningMcpServer;
  readonly host: McpHost;
  readonly client: Client;
  readonly trail: Trail;
  readonly person: Person;
  readonly temporaryDirectory: string;
  readonly storeDirectory: string;
  readonly configurationPath: string;
}

/** Sets the stage, lets `play` run, and clears everything away, whatever happened. */
export async function onStage(
  { whoLogsIn, storeDirectory }: DemoOptions,
  { narrator, signal }: Pick<Stage, 'narrator' | 'signal'>,
  play: (stage: Stage) => Promise<void>,
): Promise<void> {
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const temporaryDirectory = await mkdtemp(join(tmpdir(), 'mcp-oauth-demo-'));
    closers.push(() => rm(temporaryDirectory, { recursive: true, force: true }));
    const authorizationServer = await startStoryAuthorizationServer(whoLogsIn !== 'scripted');
    closers.push(() => authorizationServer.close());
    const mcpServer = await startMcpServer({ authorizationServers: [authorizationServer.tokens] });
    closers.push(() => mcpServer.close());
    const person = personAt(whoLogsIn);
    closers.push(() => person.close());
    const trail = new Trail();
    const directory =
      storeDirectory === undefined ? join(temporaryDirectory, 'tokens') : resolve(storeDirectory);
    const host = await createMcpHost({
      storeDirectory: directory,
      browser: trail.watched(person.browser),
      fetch: trail.fetch,
      onEvent: trail.onEvent,
    });
    closers.push(() => host.close());
    const client = new Client({ name: 'mcp-oauth-demo', version: '0.1.0' });
    closers.push(() => client.close());
    signal.throwIfAborted();
    // Ends whatever waits: a login by the host's close, a call by the client's.
    signal.addEventListener('abort', () => void Promise.allSettled([host.close(), client.close()]), {
      once: true,
    });
    await play({
      narrator,
      signal,
      authorizationServer,
      mcpServer,
      host,
      client,
      trail,
      person,
      temporaryDirectory,
      storeDirectory: directory,
      configurationPath: join(temporaryDirectory, 'mcp.json'),
    });
  } finally {
    await closeAll(closers.reverse());
  }
}

/** Closes what it can, and then rejects with the first that failed. */
async function closeAll(closers: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers) await close().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
