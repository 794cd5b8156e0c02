import { hostname } from 'node:os';
import { InvalidConfigError, isLoopback } from '@mcp-oauth/core';
import { deriveKeys } from './keys.js';
import type { Keys } from './keys.js';
import { readMcpServers } from './mcp-server-list.js';
import type { McpServerList } from './mcp-server-list.js';

const MIN_SECRET_CHARACTERS = 32;

/** What one replica is started with. The same everywhere, but for its address and name. */
export interface ReplicaConfiguration {
  /** Stands in the footer of every page. */
  readonly name: string;
  readonly address: { readonly hostname: string; readonly port: number };
  /** Where browsers find this application: an origin. */
  readonly publicUrl: URL;
  readonly redisUrl: string;
  readonly keys: Keys;
  readonly servers: McpServerList;
  /** Origins inside this network that may be asked although an MCP server named them. */
  readonly allowedOrigins: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws {InvalidConfigError} names the variable, and never repeats a value: it may be a secret. */
export function readConfiguration(env: Environment): ReplicaConfiguration {
  return {
    name: replicaName(env['REPLICA'] ?? hostname()),
    address: { hostname: env['HOST'] ?? '127.0.0.1', port: port(env) },
    publicUrl: publicUrl(required(env, 'PUBLIC_URL')),
    redisUrl: required(env, 'REDIS_URL'),
    keys: deriveKeys(secret(required(env, 'SESSION_SECRET'))),
    servers: readMcpServers(required(env, 'MCP_SERVERS')),
    allowedOrigins: (env['ALLOWED_ORIGINS'] ?? '')
      .split(',')
      .map((origin) => origin.trim())
      .filter((origin) => origin !== ''),
  };
}

function required(env: Environment, name: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw new InvalidConfigError(`${name} is not set.`);
  return value;
}

/** It stands in a header of every answer, and there only these characters can. */
function replicaName(text: string): string {
  if (/^[\x20-\x7e\xa0-\xff]{1,100}$/.test(text)) return text;
  throw new InvalidConfigError('REPLICA must be 1 to 100 printable characters of Latin-1.');
}

function port(env: Environment): number {
  const number = Number(required(env, 'PORT'));
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  throw new InvalidConfigError('PORT must be a port number.');
}

function publicUrl(text: string): URL {
  const url = URL.parse(text);
  if (url?.href !== `${String(url?.origin)}/`)
    throw new InvalidConfigError('PUBLIC_URL must be an origin, like https://tools.example.com.');
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return url;
  throw new InvalidConfigError('PUBLIC_URL must be https; plain http is for this machine only.');
}

function secret(text: string): string {
  if (text.length >= MIN_SECRET_CHARACTERS) return text;
  throw new InvalidConfigError(
    `SESSION_SECRET must have at least ${String(MIN_SECRET_CHARACTERS)} random characters.`,
  );
}
