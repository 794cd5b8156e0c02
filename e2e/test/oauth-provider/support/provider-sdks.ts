import type { SessionOAuthProvider } from '@mcp-oauth/transport-factory';
import * as v2 from '@modelcontextprotocol/client';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { DesktopScene } from '../../desktop-scene.js';

export interface ProviderClient {
  connect(transport: never): Promise<void>;
  callTool(request: { readonly name: string; readonly arguments: Record<string, never> }): Promise<unknown>;
  close(): Promise<void>;
}

/** What a host with an `authProvider` uses of one SDK. */
export interface ProviderSdk {
  readonly name: string;
  readonly Client: new (info: { name: string; version: string }) => ProviderClient;
  readonly Http: new (
    url: URL,
    options: { authProvider: SessionOAuthProvider },
  ) => { finishAuth(code: string): Promise<void>; close(): Promise<void> };
  readonly UnauthorizedError: abstract new (...args: never[]) => Error;
}

export const sdkV1: ProviderSdk = {
  name: 'SDK v1',
  Client,
  Http: StreamableHTTPClientTransport,
  UnauthorizedError,
};

export const sdkV2: ProviderSdk = {
  name: 'SDK v2',
  Client: v2.Client,
  Http: v2.StreamableHTTPClientTransport,
  UnauthorizedError: v2.UnauthorizedError,
};

export const providerSdks: readonly ProviderSdk[] = [sdkV1, sdkV2];

/** Connects as the SDK's own documentation has it: catch, finish, connect a new transport. */
export async function connectedThrough(
  { Client: SdkClient, Http, UnauthorizedError: Unauthorized }: ProviderSdk,
  scene: DesktopScene,
  authProvider: SessionOAuthProvider,
): Promise<ProviderClient> {
  const connect = async (transport: InstanceType<ProviderSdk['Http']>): Promise<ProviderClient> => {
    const client = new SdkClient({ name: 'test', version: '1' });
    scene.closeLater(() => client.close());
    await client.connect(transport as never);
    return client;
  };
  const first = new Http(scene.mcp.url, { authProvider });
  try {
    return await connect(first);
  } catch (error) {
    if (!(error instanceof Unauthorized)) throw error;
    await first.finishAuth(await authProvider.authorizationCode());
    await first.close();
  }
  return await connect(new Http(scene.mcp.url, { authProvider }));
}
