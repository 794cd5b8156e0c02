import { CredentialsRenewedError } from '@mcp-oauth/transport-factory';
import type { SessionOAuthProvider } from '@mcp-oauth/transport-factory';
import * as v2 from '@modelcontextprotocol/client';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

export interface OneTransport {
  connect(): Promise<void>;
  call(tool: string): Promise<unknown>;
  finishAuth(code: string): Promise<void>;
  close(): Promise<void>;
}

/** A client of one SDK with our provider as its `authProvider`. */
export interface ProviderHost {
  readonly name: string;
  readonly open: (url: URL, authProvider: SessionOAuthProvider) => OneTransport;
}

const client = { name: 'test', version: '1' };

export const providerHosts: readonly ProviderHost[] = [
  {
    name: 'SDK v1',
    open: (url, authProvider) => {
      const sdk = new Client(client);
      const transport = new StreamableHTTPClientTransport(url, { authProvider });
      return {
        connect: () => sdk.connect(transport),
        call: (name) => sdk.callTool({ name, arguments: {} }),
        finishAuth: (code) => transport.finishAuth(code),
        close: () => sdk.close(),
      };
    },
  },
  {
    name: 'SDK v2',
    open: (url, authProvider) => {
      const sdk = new v2.Client(client);
      const transport = new v2.StreamableHTTPClientTransport(url, { authProvider });
      return {
        connect: () => sdk.connect(transport),
        call: (name) => sdk.callTool({ name, arguments: {} }),
        finishAuth: (code) => transport.finishAuth(code),
        close: () => sdk.close(),
      };
    },
  },
];

/** How a host of the provider ended up, and how often it repeated a call for a renewed token. */
export interface Outcome {
  readonly error: unknown;
  readonly repeated: number;
  readonly logins: number;
}

/** A host as the documentation has it, which is told to log in as often as it likes: ten times here. */
export async function callThroughProvider(
  host: ProviderHost,
  url: URL,
  authProvider: SessionOAuthProvider,
  tool: string,
): Promise<Outcome> {
  let connected = await connectedAgain(host, url, authProvider);
  let repeated = 0;
  let logins = 0;
  try {
    for (let tries = 0; tries < 10; tries++) {
      try {
        await connected.call(tool);
        return { error: undefined, repeated, logins };
      } catch (error) {
        if (error instanceof CredentialsRenewedError) {
          repeated++;
          await pause();
          continue;
        }
        if (!isUnauthorized(error)) return { error, repeated, logins };
        logins++;
        try {
          await connected.finishAuth(await authProvider.authorizationCode());
        } catch (refusal) {
          return { error: refusal, repeated, logins };
        }
        await connected.close();
        connected = await connectedAgain(host, url, authProvider);
      }
    }
    throw new Error('The call still asks for a login after ten of them.');
  } finally {
    await connected.close();
  }
}

/** Connected, after a login where one is asked for. */
export async function connectedAgain(
  host: ProviderHost,
  url: URL,
  authProvider: SessionOAuthProvider,
): Promise<OneTransport> {
  for (let tries = 0; tries < 20; tries++) {
    const transport = host.open(url, authProvider);
    try {
      await transport.connect();
      return transport;
    } catch (error) {
      if (isUnauthorized(error)) await transport.finishAuth(await authProvider.authorizationCode());
      else if (!(error instanceof CredentialsRenewedError)) throw error;
      await transport.close();
      await pause();
    }
  }
  throw new Error('The server does not let anybody connect.');
}

/** Requests that were sent before a renewal come back for a while. */
async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 300));
}

/** The SDK's own; ours, which say more, have the name too. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof UnauthorizedError || error instanceof v2.UnauthorizedError;
}
