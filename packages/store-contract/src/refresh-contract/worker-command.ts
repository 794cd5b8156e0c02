import type { TokenStore } from '@mcp-oauth/core';
import { callRepeatedly } from './host/calls.js';
import type { CallsInput, CallsReport } from './host/calls.js';

/** What a worker process does for the refresh contract: it is one process of a host, and calls. */
export function refresh(store: TokenStore, input: CallsInput): Promise<CallsReport> {
  return callRepeatedly(store, input);
}
