import { StoreError } from '@mcp-oauth/core';
import type { StoreErrorKind } from '@mcp-oauth/core';

/** Trouble with Redis. Has none of the words of the server or the client, whose errors quote commands, tokens too. */
export interface Failure {
  readonly kind: StoreErrorKind;
  /** Of the server's reply, or of the operating system: `LOADING`, `ECONNREFUSED`. */
  readonly code: string;
  readonly advice: string;
  /** It may be over soon: the command is sent again while there is time. */
  readonly passing: boolean;
}

type Entry = readonly [kind: StoreErrorKind, advice: string, passing?: 'passing'];

const noPermission: Entry = [
  'permission',
  'its user may not do what the store needs. Give it the rights that the README of @mcp-oauth/storage-redis lists',
];

const replies: Readonly<Record<string, Entry>> = {
  OOM: ['full', 'its memory is full. Raise maxmemory, or remove other data from it'],
  READONLY: [
    'read_only',
    'it is a replica. Give the store a client that finds the master: by Sentinel, or a Cluster',
    'passing',
  ],
  LOADING: ['unavailable', 'it is loading its data. Try again soon', 'passing'],
  MASTERDOWN: ['unavailable', 'a replica has lost its master. Try again soon', 'passing'],
  CLUSTERDOWN: [
    'unavailable',
    'the cluster lacks nodes. Try again soon, and look at CLUSTER INFO',
    'passing',
  ],
  TRYAGAIN: ['unavailable', 'the cluster is moving these records. Try again soon', 'passing'],
  BUSY: ['unavailable', "somebody's script has been running for long. Try again soon", 'passing'],
  NOREPLICAS: [
    'unavailable',
    'too few replicas follow it. Bring them back, or lower min-replicas-to-write',
    'passing',
  ],
  MISCONF: ['unavailable', 'it can not save to its disk. Look at its log, and at the space on its disk'],
  NOAUTH: [
    'permission',
    'it wants a password. Give the client the password, and the username if there is one',
  ],
  WRONGPASS: ['permission', 'it refused the username or the password of the client. Correct them'],
  NOPERM: noPermission,
  MOVED: [
    'misconfigured',
    'it is a node of a cluster. Give the store a Cluster of ioredis instead of a Redis',
  ],
  ASK: ['misconfigured', 'it is a node of a cluster. Give the store a Cluster of ioredis instead of a Redis'],
  WRONGTYPE: [
    'corrupt',
    "one of the store's keys holds something else. Choose another prefix, or remove that key",
  ],
};

const texts: readonly (readonly [RegExp, string, Entry])[] = [
  // What a script may not do is named by no code of its own.
  [/user executing the script/i, 'NOPERM', noPermission],
  [
    /^ERR unknown command/i,
    'ERR',
    ['misconfigured', 'it lacks a command that the store needs. Use Redis 6.2 or newer'],
  ],
  [
    /subscriber mode|monitoring mode/i,
    'busy with messages',
    ['misconfigured', 'the client has subscribed to something. Give the store a client that has not'],
  ],
];

const ends = 'it ends connections. Look at its log and its maxclients, and whether it expects TLS';

const network: Readonly<Record<string, string>> = {
  ECONNRESET: ends,
  EPIPE: ends,
  ECONNREFUSED: 'nothing listens there. Start it, or correct the address of the client',
  ENOTFOUND: 'there is no such host. Correct the address of the client',
  ETIMEDOUT: 'there was no answer in time. Look at the network and at the server',
};

/** Too late: there was no answer within the store's own deadline. */
export class DeadlineError extends Error {}

export function isNoScript(error: unknown): boolean {
  return /^NOSCRIPT\b/.test(textOf(error));
}

/** The server has answered. */
export function isReply(error: unknown): boolean {
  return property(error, 'name') === 'ReplyError';
}

/** What a rejection of the client, or an error that it emits, comes down to. */
export function failureOf(error: unknown): Failure {
  if (error instanceof DeadlineError)
    return failure('no answer in time', ['unavailable', 'look at the network and at the load of the server']);
  const last = property(error, 'lastNodeError');
  if (last !== undefined && last !== null) return failureOf(last);
  const text = textOf(error);
  for (const [pattern, code, entry] of texts) if (pattern.test(text)) return failure(code, entry);
  // A script of a server before 7.0 answers with the code in the middle of the text.
  const reply = /(?:^|: -)([A-Z]{2,})\b/.exec(text)?.[1];
  if (reply !== undefined && replies[reply]) return failure(reply, replies[reply]);
  const code = property(error, 'code');
  if (typeof code === 'string')
    return failure(code, [
      'unavailable',
      network[code] ?? 'the connection failed. Try again soon',
      'passing',
    ]);
  if (isReply(error))
    return failure(reply ?? 'ERR', [
      'unavailable',
      'it refused the command. Look at its log and its version',
    ]);
  return failure('no connection', ['unavailable', 'the client has none. Look at the server', 'passing']);
}

export function storeError({ kind, code, advice }: Failure, where: string): StoreError {
  return new StoreError(kind, `The token store could not use ${where} (${code}): ${advice}.`);
}

function failure(code: string, [kind, advice, passing]: Entry): Failure {
  return { kind, code, advice, passing: passing !== undefined };
}

function textOf(error: unknown): string {
  const text = property(error, 'message');
  return typeof text === 'string' ? text : '';
}

/** Not by class: there are several copies of ioredis, and errors of other realms. */
function property(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[name] : undefined;
}
