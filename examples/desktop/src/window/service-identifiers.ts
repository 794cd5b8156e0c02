import type { McpServers } from '@mcp-oauth/transport-factory';
import type { ServiceIdentifier } from 'inversify';
import type { WindowOptions } from './window-options.js';

/** What was said on the command line. */
export const windowOptionsIdentifier: ServiceIdentifier<WindowOptions> = Symbol.for('desktop/WindowOptions');

/** The servers of the configuration, checked. */
export const mcpServersIdentifier: ServiceIdentifier<McpServers> = Symbol.for('desktop/McpServers');
