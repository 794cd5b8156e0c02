import type { LoopbackRedirect } from './redirect-uri.js';

/** What is read of a request. Header names and values alternate in `rawHeaders`. */
export interface RawRequest {
  readonly method?: string | undefined;
  /** The request target as it was sent. */
  readonly url?: string | undefined;
  readonly rawHeaders: readonly string[];
}

export type CallbackRequest =
  | { readonly state: string; readonly url: URL }
  /** The HTTP status that says why it is none. */
  | { readonly refused: 400 | 404 | 405 | 414 };

const maxQueryLength = 8 * 1024;

/** Reads a request strictly: whatever is not exactly a callback to `redirect` is refused. */
export function readCallback(request: RawRequest, redirect: LoopbackRedirect): CallbackRequest {
  const target = request.url ?? '';
  if (!isForUs(request.rawHeaders, redirect) || !target.startsWith('/')) return { refused: 400 };
  const mark = target.indexOf('?');
  if ((mark === -1 ? target : target.slice(0, mark)) !== redirect.path) return { refused: 404 };
  if (request.method !== 'GET') return { refused: 405 };
  const query = mark === -1 ? '' : target.slice(mark);
  if (query.length > maxQueryLength) return { refused: 414 };

  const url = new URL(redirect.uri + query);
  const names = [...url.searchParams.keys()];
  const state = url.searchParams.get('state');
  const repeated = new Set(names).size < names.length;
  if (repeated || url.hash !== '' || state === null || state === '') return { refused: 400 };
  return { state, url };
}

/**
 * A page on the internet can have its own name resolve to this machine, but can't choose the Host header that the
 * browser then sends (DNS rebinding).
 */
function isForUs(rawHeaders: readonly string[], redirect: LoopbackRedirect): boolean {
  const hosts = rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'host',
  );
  const names = redirect.hostname === 'localhost' ? ['localhost', '127.0.0.1', '[::1]'] : [redirect.hostname];
  const accepted = names.flatMap((name) =>
    redirect.port === 80 ? [name, `${name}:80`] : [`${name}:${String(redirect.port)}`],
  );
  return hosts.length === 1 && accepted.includes(hosts[0]?.toLowerCase() ?? '');
}
