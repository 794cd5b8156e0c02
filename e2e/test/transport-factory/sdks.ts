import type { OAuthClient } from '@mcp-oauth/core';
import * as v1 from '@mcp-oauth/transport-factory';
import * as v2 from '@mcp-oauth/transport-factory/v2';
import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';

export type AnyTransport = ReturnType<AnyTransportFactory['create']>;
export type AnyTransportFactory = v1.TransportFactory | v2.TransportFactory;

/** What the clients of both majors have in common. */
export interface McpClient {
  connect(transport: AnyTransport, options?: { readonly timeout: number }): Promise<void>;
  callTool(call: { readonly name: string; readonly arguments: object }): Promise<unknown>;
  listTools(): Promise<{ readonly tools: readonly { readonly name: string }[] }>;
  close(): Promise<void>;
}

/** One major version of the MCP SDK, with the entry of this package that is for it. */
export interface Sdk {
  readonly name: string;
  readonly newClient: () => McpClient;
  readonly createTransportFactory: (options: { readonly oauth: OAuthClient }) => AnyTransportFactory;
}

const info = { name: 'test', version: '1' };
const sdkV1: Sdk = {
  name: 'SDK v1',
  newClient: () => new Client(info) as McpClient,
  createTransportFactory: v1.createTransportFactory,
};
const sdkV2: Sdk = {
  name: 'SDK v2',
  newClient: () => new ClientV2(info) as McpClient,
  createTransportFactory: v2.createTransportFactory,
};

export const sdks: readonly Sdk[] = [sdkV1, sdkV2];

/** Of v2 also the client that asks the server first which revision it speaks. */
export const sdksInEveryMode: readonly Sdk[] = [
  ...sdks,
  {
    ...sdkV2,
    name: 'SDK v2 with version negotiation',
    newClient: () => new ClientV2(info, { versionNegotiation: { mode: 'auto' } }) as McpClient,
  },
];
