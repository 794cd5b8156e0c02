import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { OnEvent } from '@mcp-oauth/core';
import type { ReplicaConfiguration } from './configuration/replica-configuration.js';
import { ConnectedNotices } from './connect/connected-notice.js';
import { createMcpHost } from './host/mcp-host.js';
import { Reachability } from './servers/reachability.js';
import { WebSessions } from './sign-in/web-session.js';
import { McpCalls } from './tools/mcp-calls.js';
import { reportDefect } from './trouble/defect.js';
import { webApplication } from './web-application.js';

export interface RunningReplica {
  readonly port: number;
  /** Lets answers under way be finished, for a few seconds. */
  close(): Promise<void>;
}

const CLOSE_MS = 3_000;

export async function startReplica(
  configuration: ReplicaConfiguration,
  onEvent: OnEvent,
): Promise<RunningReplica> {
  const { keys, publicUrl, address } = configuration;
  const host = await createMcpHost(configuration, onEvent);
  const web = webApplication({
    configuration,
    host,
    webSessions: new WebSessions(keys, publicUrl),
    connectedNotices: new ConnectedNotices(keys, publicUrl),
    reachability: new Reachability(host.fetch),
    calls: new McpCalls(host.transports),
    onDefect: reportDefect,
  });
  const server = createAdaptorServer({ fetch: web.fetch }) as Server;
  try {
    const port = await listen(server, address);
    return {
      port,
      close: async () => {
        await closeServer(server);
        await host.close();
      },
    };
  } catch (error) {
    await host.close();
    throw error;
  }
}

function listen(server: Server, { hostname, port }: ReplicaConfiguration['address']): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, hostname, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const impatience = setTimeout(() => {
      server.closeAllConnections();
    }, CLOSE_MS);
    server.close(() => {
      clearTimeout(impatience);
      resolve();
    });
    server.closeIdleConnections();
  });
}
