import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { StrictAuthorizationServer } from '@mcp-oauth/e2e';

export interface GuardedResource {
  /** What clients name as their MCP server. */
  readonly url: string;
  close(): Promise<void>;
}

const program = fileURLToPath(new URL('resource-process.mjs', import.meta.url));

/** Starts resource-process.mjs. */
export async function startGuardedResource({
  issuer,
  introspectionEndpoint,
}: Pick<StrictAuthorizationServer, 'issuer' | 'introspectionEndpoint'>): Promise<GuardedResource> {
  const child = fork(program, [issuer, introspectionEndpoint], { execArgv: [] });
  const [origin] = (await once(child, 'message')) as [string];
  return {
    url: `${origin}/mcp`,
    close: async () => {
      const closed = once(child, 'close');
      child.kill();
      await closed;
    },
  };
}
