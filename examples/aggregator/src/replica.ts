import { env, exit, stderr, stdout } from 'node:process';
import { OAuthClientError } from '@mcp-oauth/core';
import type { OAuthClientEvent } from '@mcp-oauth/core';
import { readConfiguration } from './configuration/replica-configuration.js';
import { startReplica } from './start-replica.js';

/** One line for what happened to a login. No event holds a secret. */
function log({ owner, resource, ...event }: OAuthClientEvent): void {
  const detail = Object.entries(event).map(([name, value]) => `${name}=${String(value)}`);
  stdout.write(
    `${new Date().toISOString()} ${[...detail, `owner=${JSON.stringify(owner)}`, resource].join(' ')}\n`,
  );
}

try {
  const replica = await startReplica(readConfiguration(env), log);
  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping ??= replica.close().then(() => exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  // Whoever started it as a child is gone, however it ended.
  process.once('disconnect', stop);
  process.send?.({ port: replica.port });
  stdout.write(`Listening on port ${String(replica.port)}.\n`);
} catch (error) {
  if (!(error instanceof OAuthClientError)) throw error;
  stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
