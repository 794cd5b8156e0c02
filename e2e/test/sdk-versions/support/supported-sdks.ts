import * as client24 from '@modelcontextprotocol/client';
import * as clientStdio24 from '@modelcontextprotocol/client/stdio';
import * as auth132 from '@modelcontextprotocol/sdk/client/auth.js';
import { Client as Client132 } from '@modelcontextprotocol/sdk/client/index.js';
import * as sse132 from '@modelcontextprotocol/sdk/client/sse.js';
import * as stdio132 from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as Http132 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import * as client20 from 'mcp-client-2.0';
import * as clientStdio20 from 'mcp-client-2.0/stdio';
import * as auth125 from 'mcp-sdk-1.25.3/client/auth.js';
import { Client as Client125 } from 'mcp-sdk-1.25.3/client/index.js';
import * as sse125 from 'mcp-sdk-1.25.3/client/sse.js';
import * as stdio125 from 'mcp-sdk-1.25.3/client/stdio.js';
import { StreamableHTTPClientTransport as Http125 } from 'mcp-sdk-1.25.3/client/streamableHttp.js';
import * as auth129 from 'mcp-sdk-1.29/client/auth.js';
import { Client as Client129 } from 'mcp-sdk-1.29/client/index.js';
import * as sse129 from 'mcp-sdk-1.29/client/sse.js';
import * as stdio129 from 'mcp-sdk-1.29/client/stdio.js';
import { StreamableHTTPClientTransport as Http129 } from 'mcp-sdk-1.29/client/streamableHttp.js';
import type { FetchLike } from '@mcp-oauth/core';

export interface SdkTransport {
  start(): Promise<void>;
  close(): Promise<void>;
  finishAuth(callback: string | URLSearchParams): Promise<void>;
  terminateSession?(): Promise<void>;
}

export interface SdkClient {
  connect(transport: SdkTransport, options?: { readonly timeout: number }): Promise<void>;
  callTool(call: { readonly name: string; readonly arguments: object }): Promise<unknown>;
  close(): Promise<void>;
}

interface TransportOptions {
  readonly fetch?: FetchLike;
  readonly authProvider?: unknown;
}

type TransportClass = new (url: URL, options: TransportOptions) => SdkTransport;

/** What we lean on of one published version, and in what the versions differ. */
export interface SupportedSdk {
  readonly version: string;
  readonly major: 1 | 2;
  readonly newClient: () => SdkClient;
  /** A client that asks the server first which revision it speaks. */
  readonly newNegotiatingClient?: () => SdkClient;
  readonly Http: TransportClass;
  readonly Sse: TransportClass;
  readonly SseError: new (...args: never[]) => Error & { readonly code: number | undefined };
  readonly Stdio: new (parameters: { command: string; args?: string[] }) => SdkTransport;
  readonly getDefaultEnvironment: () => Record<string, string>;
  readonly UnauthorizedError: new (...args: never[]) => Error;
  /** Whether a redirect within the origin is followed by calling our fetch again. Before, it is an error. */
  readonly followsWithinOrigin: boolean;
  /** Whether `auth()` asks the provider what was discovered. Before, it discovers by itself. */
  readonly asksForDiscoveryState: boolean;
}

const info = { name: 'test', version: '1' };

interface StdioModule {
  readonly StdioClientTransport: unknown;
  readonly getDefaultEnvironment: () => Record<string, string>;
}

interface V1Modules {
  readonly auth: { readonly UnauthorizedError: unknown };
  readonly sse: { readonly SSEClientTransport: unknown; readonly SseError: unknown };
  readonly stdio: StdioModule;
  readonly Client: new (information: typeof info) => unknown;
  readonly Http: unknown;
}

/** The classes of different versions are unrelated types: what is used of them is above. */
function v1(
  version: string,
  { auth, sse, stdio, Client, Http }: V1Modules,
  differences: Pick<SupportedSdk, 'followsWithinOrigin' | 'asksForDiscoveryState'>,
): SupportedSdk {
  return {
    version,
    major: 1,
    newClient: () => new Client(info) as SdkClient,
    Http: Http as TransportClass,
    Sse: sse.SSEClientTransport as TransportClass,
    SseError: sse.SseError as SupportedSdk['SseError'],
    Stdio: stdio.StdioClientTransport as SupportedSdk['Stdio'],
    getDefaultEnvironment: stdio.getDefaultEnvironment,
    UnauthorizedError: auth.UnauthorizedError as SupportedSdk['UnauthorizedError'],
    ...differences,
  };
}

type V2Module = typeof client24 | typeof client20;

function v2(version: string, sdk: V2Module, stdio: StdioModule, followsWithinOrigin: boolean): SupportedSdk {
  return {
    version,
    major: 2,
    newClient: () => new sdk.Client(info) as unknown as SdkClient,
    newNegotiatingClient: () =>
      new sdk.Client(info, { versionNegotiation: { mode: 'auto' } }) as unknown as SdkClient,
    Http: sdk.StreamableHTTPClientTransport as unknown as TransportClass,
    Sse: sdk.SSEClientTransport as unknown as TransportClass,
    SseError: sdk.SseError,
    Stdio: stdio.StdioClientTransport as SupportedSdk['Stdio'],
    getDefaultEnvironment: stdio.getDefaultEnvironment,
    UnauthorizedError: sdk.UnauthorizedError,
    followsWithinOrigin,
    asksForDiscoveryState: true,
  };
}

const old = { followsWithinOrigin: false, asksForDiscoveryState: false };

export const supportedSdks: readonly SupportedSdk[] = [
  v1('1.25.3', { auth: auth125, sse: sse125, stdio: stdio125, Client: Client125, Http: Http125 }, old),
  v1(
    '1.29.0',
    { auth: auth129, sse: sse129, stdio: stdio129, Client: Client129, Http: Http129 },
    { ...old, asksForDiscoveryState: true },
  ),
  v1(
    '1.32.2',
    { auth: auth132, sse: sse132, stdio: stdio132, Client: Client132, Http: Http132 },
    { followsWithinOrigin: true, asksForDiscoveryState: true },
  ),
  v2('2.0.0', client20, clientStdio20, false),
  v2('2.4.0', client24, clientStdio24, true),
];
