import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startMcpServer, startStoryAuthorizationServer } from '@mcp-oauth/e2e';
import type { StoryAuthorizationServer } from '@mcp-oauth/e2e';
import type { DesktopOptions } from '../command-line.js';
import { userDataDirectory } from '../window/data-directory.js';
import type { Narrator } from './narrator.js';
import { personAt } from './person.js';
import type { Person } from './person.js';
import { WindowProcess } from './window-process.js';

/** Everything that a story needs, running. */
export interface Stage {
  readonly narrator: Narrator;
  readonly signal: AbortSignal;
  readonly person: Person;
  readonly dataDirectory: string;
  openWindow(name: string): WindowProcess;
}

/** With servers that the example has started itself. */
export interface OwnStage extends Stage {
  readonly authorizationServer: StoryAuthorizationServer;
  readonly mcpUrl: URL;
}

type Setting = Pick<Stage, 'narrator' | 'signal'>;

/** Sets the stage, lets `play` run, and clears everything away, whatever happened. */
export async function onStage(
  options: DesktopOptions,
  { narrator, signal }: Setting,
  play: { withOwn: (stage: OwnStage) => Promise<void>; withConfigured: (stage: Stage) => Promise<void> },
): Promise<void> {
  const closers: (() => Promise<unknown>)[] = [];
  const isPerson = options.whoLogsIn === 'person';
  try {
    const temporary = await mkdtemp(join(tmpdir(), 'mcp-oauth-desktop-'));
    closers.push(() => rm(temporary, { recursive: true, force: true }));
    const dataDirectory = resolve(
      options.dataDirectory ?? (isPerson ? userDataDirectory() : join(temporary, 'data')),
    );
    const person = personAt(options.whoLogsIn);
    closers.push(() => person.close());
    const configurationPath = options.configurationPath ?? join(temporary, 'mcp.json');
    const isTemporary = options.dataDirectory === undefined && !isPerson;
    const args = [
      '--config',
      configurationPath,
      '--data',
      dataDirectory,
      ...(isTemporary ? ['--key-file'] : []),
    ];
    const openWindow = (name: string): WindowProcess => {
      signal.throwIfAborted();
      const onLine = (line: string): void => narrator.window(name, line);
      const window = new WindowProcess({ name, args, onLine, onOpen: person.open });
      closers.push(() => window.stop());
      const stop = () => void window.stop();
      signal.addEventListener('abort', stop, { once: true });
      return window;
    };
    const stage: Stage = { narrator, signal, person, dataDirectory, openWindow };
    if (options.configurationPath !== undefined) {
      await play.withConfigured(stage);
      return;
    }
    const authorizationServer = await startStoryAuthorizationServer(options.whoLogsIn !== 'scripted');
    closers.push(() => authorizationServer.close());
    const mcpServer = await startMcpServer({ authorizationServers: [authorizationServer.tokens] });
    closers.push(() => mcpServer.close());
    await writeFile(configurationPath, configurationText(mcpServer.url));
    await play.withOwn({ ...stage, authorizationServer, mcpUrl: mcpServer.url });
  } finally {
    await closeAll(closers.reverse());
  }
}

/** The `mcpServers` file as a person would write it. */
function configurationText(url: URL): string {
  const auth = { type: 'oauth', oauth21: { scopes: ['mcp:tools'] } };
  return `${JSON.stringify({ mcpServers: { demo: { url: url.href, auth } } }, null, 2)}\n`;
}

/** Closes what it can, and then rejects with the first that failed. */
async function closeAll(closers: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers) await close().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
