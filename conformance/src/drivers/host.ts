import { once } from 'node:events';
import { createServer } from 'node:net';
import { argv, env, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { createOAuthClient } from '@mcp-oauth/core';
import type { MachineGrant, OAuthClient } from '@mcp-oauth/core';
import { ScriptedBrowser } from '@mcp-oauth/e2e';
import { LoopbackCallbackListener } from '@mcp-oauth/node';
import { openTokenStore } from '@mcp-oauth/open-store';
import { endingLine, endingOf, RefusedLoginError } from './ending.js';
import { scenarioSetting } from './scenario-setting.js';

/** The suite expects exactly this one. Nothing is served there. */
const CLIENT_METADATA_URL = 'https://conformance-test.local/client-metadata.json';
/** The suite waits for its client for ever. */
const WATCHDOG_MS = 25_000;
const WATCHDOG_EXIT = 70;

/** A host that knows one MCP server. */
export interface Host {
  readonly oauth: OAuthClient;
  readonly url: URL;
  /** Its `mcpServers` configuration, as it stands in a file. The server is called `server`. */
  readonly configuration: unknown;
  /** How it gets tokens without a person, where no configuration can say it. */
  readonly address: { readonly grant?: MachineGrant };
  /** The protocol revision that the server speaks. */
  readonly wire: string;
}

type HostWork = (host: Host) => Promise<void>;

/**
 * Starts a host, lets it work, and says how that ended. The process is then left to end by itself: what keeps it alive
 * is found by the watchdog.
 */
export async function drive(work: HostWork): Promise<void> {
  setTimeout(() => {
    const ending = endingLine(`it still ran after ${String(WATCHDOG_MS / 1_000)} s`);
    stdout.write(`${ending}\n`, () => process.exit(WATCHDOG_EXIT));
  }, WATCHDOG_MS).unref();
  let ending = 'completed';
  try {
    await started(work);
  } catch (error) {
    process.exitCode = 1;
    console.error(error);
    ending = endingOf(error);
  }
  stdout.write(`${endingLine(ending)}\n`);
}

async function started(work: HostWork): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv.slice(2),
    options: { store: { type: 'string', default: 'memory:' } },
    allowPositionals: true,
  });
  const url = new URL(positionals[0] ?? '');
  const { oauth21, grant } = scenarioSetting(env['MCP_CONFORMANCE_CONTEXT']);
  const auth = { type: 'oauth', oauth21: { ...oauth21, callbackPort: await freePort() } };
  const store = await openTokenStore(values.store);
  let refuse: (error: RefusedLoginError) => void = () => undefined;
  const refusal = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  const oauth = createOAuthClient({
    store,
    client: { client_name: 'mcp-oauth conformance' },
    clientMetadataUrl: CLIENT_METADATA_URL,
    browser: new ScriptedBrowser(),
    callbackListener: new LoopbackCallbackListener(),
    // The library goes on listening for the honest response. This host's person has given theirs.
    onEvent: (event) => {
      if (event.type === 'authorization_refused') refuse(new RefusedLoginError(event.code));
    },
  });
  const host: Host = {
    oauth,
    url,
    configuration: { mcpServers: { server: { type: 'http', url: url.href, auth } } },
    address: grant ? { grant } : {},
    wire: env['MCP_CONFORMANCE_PROTOCOL_VERSION'] ?? '',
  };
  try {
    await Promise.race([work(host), refusal]);
  } finally {
    await oauth.close();
    await store.close();
  }
}

/** Several hosts run at once, and a client that can't register has the one port that is registered. */
async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, 'localhost'), 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}
