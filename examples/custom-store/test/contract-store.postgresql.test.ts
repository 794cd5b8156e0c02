import { storeContract } from '@mcp-oauth/store-contract';
import { testOnPostgresql } from './support/test-on-postgresql.js';

testOnPostgresql(storeContract);
