import type { ServiceIdentifier } from 'inversify';
import type { Pool } from 'pg';

/** The host's connections to its database. */
export const poolIdentifier: ServiceIdentifier<Pool> = Symbol.for('@mcp-oauth/example-custom-store/Pool');
