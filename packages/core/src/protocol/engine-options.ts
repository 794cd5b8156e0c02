import { allowInsecureRequests, customFetch } from 'oauth4webapi';
import type { OAuthHttp } from '../http/oauth-http.js';
import { relaxed } from './relax.js';

const TIMEOUT_MS = 30_000;

export interface EndpointCall {
  /** The kind of its answer, whose tolerances apply. */
  readonly kind: Parameters<typeof relaxed>[0];
  /** Its name in the metadata document. */
  readonly field: string;
  readonly url: string;
  readonly signal: AbortSignal | undefined;
}

/** How oauth4webapi asks an endpoint: within the bounds of this client, and with the answer relaxed before it judges. */
export function engineOptions(http: OAuthHttp, { kind, field, url: endpoint, signal }: EndpointCall) {
  return {
    [customFetch]: async (url: string, init: RequestInit) =>
      relaxed(kind, await http.send(url, init, { field, timeoutMs: TIMEOUT_MS, signal })),
    [allowInsecureRequests]: endpoint.startsWith('http:'),
  };
}
