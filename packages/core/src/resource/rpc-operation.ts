import { digestId } from '../session-key/digest.js';

const MAX_BODY_CHARACTERS = 1_048_576;

/**
 * Names what a request to an MCP server does, as far as scopes go: the JSON-RPC method and the tool or prompt. A digest,
 * since names may say something about a person. Requests that nobody can tell apart share one name.
 */
export async function rpcOperation(init: RequestInit): Promise<string> {
  const method = (init.method ?? 'GET').toUpperCase();
  const [rpcMethod, name] = named(init.body);
  return await digestId(JSON.stringify([method, rpcMethod, name]));
}

function named(body: RequestInit['body']): readonly [method: string, name: string] {
  if (typeof body !== 'string' || body.length > MAX_BODY_CHARACTERS) return ['', ''];
  const message = firstRequest(parsed(body));
  const { method, params } = (message ?? {}) as { readonly method?: unknown; readonly params?: unknown };
  const { name } = (typeof params === 'object' && params !== null ? params : {}) as {
    readonly name?: unknown;
  };
  return [typeof method === 'string' ? method : '', typeof name === 'string' ? name : ''];
}

/** Of a batch (2025-03-26) the first one stands for all: they are refused together. */
function firstRequest(value: unknown): object | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'object' && first !== null ? first : undefined;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch (error) {
    // It is the caller's own: the server has answered it, so that it need not be understood here.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
