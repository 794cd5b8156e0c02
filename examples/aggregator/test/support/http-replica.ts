import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { RunningMcpServer, StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { startRedis } from '@mcp-oauth/e2e/redis';
import type { RedisServer } from '@mcp-oauth/e2e/redis';
import { readConfiguration } from '../../src/configuration/replica-configuration.js';
import { startReplica } from '../../src/start-replica.js';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Sent {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
}

/** One replica at `https://tools.example.com`, asked without a browser and without the front. */
export interface HttpReplica {
  readonly publicUrl: URL;
  readonly mcp: RunningMcpServer;
  readonly authorizationServer: StrictAuthorizationServer;
  readonly redis: RedisServer;
  /** Everything that was answered so far. */
  readonly answers: readonly Answer[];
  send(path: string, sent?: Sent): Promise<Answer>;
  close(): Promise<void>;
}

export interface HttpReplicaOptions {
  readonly publicUrl?: string;
  readonly serverName?: string;
}

export async function startHttpReplica({
  publicUrl = 'https://tools.example.com',
  serverName = 'harbour',
}: HttpReplicaOptions = {}): Promise<HttpReplica> {
  const redis = await startRedis();
  const authorizationServer = await startStrictAuthorizationServer();
  const mcp = await startMcpServer({ authorizationServers: [authorizationServer] });
  const configuration = readConfiguration({
    REPLICA: 'replica 1',
    PORT: '0',
    PUBLIC_URL: publicUrl,
    REDIS_URL: redis.url,
    SESSION_SECRET: 'a secret of this test alone, of forty-odd characters',
    MCP_SERVERS: JSON.stringify({
      mcpServers: { [serverName]: { url: mcp.url.href, auth: { type: 'oauth' } } },
    }),
    ALLOWED_ORIGINS: [mcp.origin, authorizationServer.issuer].join(','),
  });
  const replica = await startReplica(configuration, () => undefined);
  const answers: Answer[] = [];
  return {
    publicUrl: configuration.publicUrl,
    mcp,
    authorizationServer,
    redis,
    answers,
    send: async (path, sent = {}) => {
      const answer = await send(replica.port, configuration.publicUrl.host, path, sent);
      answers.push(answer);
      return answer;
    },
    close: async () => {
      await replica.close();
      await mcp.close();
      await authorizationServer.close();
      await redis.close();
    },
  };
}

/** Not `fetch`: it lets nobody choose the host. */
function send(port: number, host: string, path: string, { method, headers, form }: Sent): Promise<Answer> {
  const body = form && new URLSearchParams(form).toString();
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1',
      port,
      path,
      method: method ?? (form ? 'POST' : 'GET'),
      headers: {
        host,
        ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
        ...headers,
      },
    });
    outgoing.once('error', reject);
    outgoing.once('response', (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      incoming.once('end', () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text }),
      );
      incoming.once('error', reject);
    });
    outgoing.end(body);
  });
}
