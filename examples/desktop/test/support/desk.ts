import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { person, startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { StrictAuthorizationServer, StrictAuthorizationServerOptions } from '@mcp-oauth/e2e';
import { TestWindow } from './test-window.js';

export interface Desk {
  readonly authorizationServer: StrictAuthorizationServer;
  readonly directory: string;
  readonly dataDirectory: string;
  /** Every page that a window has opened. */
  readonly tabs: readonly URL[];
  /** What the person does with each page from now on. They begin by logging in. */
  atBrowser(act: (url: URL) => void): void;
  /** That many windows with a connection. Resolves when none of them has anything under way. */
  connected(count: number): Promise<readonly TestWindow[]>;
  open(env?: NodeJS.ProcessEnv, args?: readonly string[]): TestWindow;
  /** The files of the data directory, each with its mode in octal and its bytes as text. */
  files(): Promise<readonly { readonly name: string; readonly mode: string; readonly text: string }[]>;
}

export const logIn = (url: URL): void => void person.visit(url).catch(() => undefined);

/** Real servers, an empty data directory, and windows that are gone at the end. */
export async function withDesk(
  use: (desk: Desk) => Promise<void>,
  behaviour: StrictAuthorizationServerOptions = {},
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'mcp-oauth-desk-'));
  const authorizationServer = await startStrictAuthorizationServer(behaviour);
  const mcpServer = await startMcpServer({ authorizationServers: [authorizationServer] });
  const dataDirectory = join(directory, 'data');
  const configurationPath = join(directory, 'mcp.json');
  const servers = { demo: { url: mcpServer.url.href, auth: { type: 'oauth' } } };
  await writeFile(configurationPath, JSON.stringify({ mcpServers: servers }));
  const windows: TestWindow[] = [];
  const tabs: URL[] = [];
  let act = logIn;
  const open = (env: NodeJS.ProcessEnv = {}, args: readonly string[] = []): TestWindow => {
    const window = new TestWindow({
      args: ['--config', configurationPath, '--data', dataDirectory, ...args],
      // No keychain of whoever runs the tests is asked.
      env: { ...process.env, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent', ...env },
      onOpen: (url) => {
        tabs.push(url);
        act(url);
      },
    });
    windows.push(window);
    return window;
  };
  const connected = async (count: number): Promise<readonly TestWindow[]> => {
    const opened = Array.from({ length: count }, () => open());
    await Promise.all(opened.map((window) => window.command('connect demo')));
    // Each asks for its event stream after that, and would renew a token by it.
    while ((mcpServer.counts().http['GET /mcp'] ?? 0) < count) await sleep(20);
    return opened;
  };
  try {
    await use({
      open,
      connected,
      authorizationServer,
      directory,
      dataDirectory,
      tabs,
      atBrowser: (next) => {
        act = next;
      },
      files: () => filesIn(dataDirectory),
    });
  } finally {
    for (const window of windows) await window.kill();
    await mcpServer.close();
    await authorizationServer.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function filesIn(directory: string) {
  const names = await readdir(directory);
  return await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      const { mode } = await stat(path);
      return { name, mode: (mode & 0o777).toString(8), text: await readFile(path, 'latin1') };
    }),
  );
}
