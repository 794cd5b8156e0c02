import type { Owners } from '@mcp-oauth/core';
import { SSEClientTransport, SseError } from '@modelcontextprotocol/sdk/client/sse.js';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ConfiguredTransports } from '../transport/configured-transports.js';
import type { TransportFactoryOptions } from '../transport/configured-transports.js';
import type { SdkTransports } from '../transport/sdk-transports.js';

const sdk: SdkTransports<Transport> = {
  StreamableHTTPClientTransport,
  SSEClientTransport,
  StdioClientTransport,
  getDefaultEnvironment,
  SseError,
};

/** Makes transports of `@modelcontextprotocol/sdk` (v1) from configuration. */
export class TransportFactory<O extends Owners = 'single'> extends ConfiguredTransports<Transport, O> {
  constructor(options: TransportFactoryOptions<O>) {
    super(sdk, options);
  }
}

/** Makes the transport factory of a host. */
export function createTransportFactory<O extends Owners>(
  options: TransportFactoryOptions<O>,
): TransportFactory<O> {
  return new TransportFactory(options);
}
