import { MemoryTokenStore } from '@mcp-oauth/core';
import type { Browser, OAuthClient, TokenStore } from '@mcp-oauth/core';
import type { StrictBehaviour } from '@mcp-oauth/e2e';
import type { HttpServerConfig } from '@mcp-oauth/transport-factory';
import { DesktopScene } from '../desktop-scene.js';
import type { AnyTransportFactory, McpClient, Sdk } from './sdks.js';

export type HttpType = NonNullable<HttpServerConfig['type']>;

/** One process of a host, as far as OAuth goes. */
export interface Host {
  readonly oauth: OAuthClient;
  readonly factory: AnyTransportFactory;
  /** Connects a new client. With OAuth, unless another configuration is given. */
  connect(type: HttpType, config?: Partial<HttpServerConfig>): Promise<McpClient>;
}

export interface HostOptions {
  /** Default: the rig's. */
  readonly browser?: Browser;
  /** Whether a person is there to be asked. Default: yes. */
  readonly attended?: boolean;
}

export interface Rig extends Pick<DesktopScene, 'server' | 'mcp' | 'browser' | 'close'> {
  readonly store: TokenStore;
  config(type: HttpType): HttpServerConfig;
  /** A host over the rig's store and browser. */
  host(options?: HostOptions): Host;
}

/** A strict authorization server, an MCP server that it guards, and hosts whose person says yes. */
export async function startRig(sdk: Sdk, behaviour: Partial<StrictBehaviour> = {}): Promise<Rig> {
  const scene = await DesktopScene.start({ server: behaviour });
  const { server, mcp, browser } = scene;
  const store = new MemoryTokenStore();
  const config = (type: HttpType): HttpServerConfig => ({
    type,
    url: (type === 'sse' ? mcp.sseUrl : mcp.url).href,
    auth: { type: 'oauth' },
  });
  const host = (options: HostOptions = {}): Host => {
    const oauth =
      options.attended === false
        ? scene.unattended({ store })
        : scene.oauth({ store, browser: options.browser ?? browser });
    const factory = sdk.createTransportFactory({ oauth });
    const connect = async (type: HttpType, other: Partial<HttpServerConfig> = {}): Promise<McpClient> => {
      const client = sdk.newClient();
      scene.closeLater(() => client.close());
      await client.connect(factory.create({ ...config(type), ...other }));
      return client;
    };
    return { oauth, factory, connect };
  };
  return { server, mcp, browser, store, config, host, close: () => scene.close() };
}

export const whoami = (client: McpClient) => client.callTool({ name: 'whoami', arguments: {} });

/** The reasons of those that failed. */
export async function failuresOf(calls: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  const answers = await Promise.allSettled(calls);
  return answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
}

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
