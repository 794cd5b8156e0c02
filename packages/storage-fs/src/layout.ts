import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { RecordKey } from '@mcp-oauth/core';

/** Where everything lies: `records/<partition>/<record>/<life>/<number>`. */
export interface Layout {
  readonly root: string;
  readonly records: string;
  /** Drafts that are not committed yet, and what waits to be removed. On the file system of `records`. */
  readonly scratch: string;
  /** Unreadable records that `repair()` took out of the way. */
  readonly aside: string;
}

export function layoutOf(root: string): Layout {
  return {
    root,
    records: join(root, 'records'),
    scratch: join(root, 'tmp'),
    aside: join(root, 'corrupt'),
  };
}

const keyPart = /^[A-Za-z0-9_-]{1,128}$/;
const namePattern = /^[a-z0-9_-]{1,32}-[0-9a-f]{24}$/;
const lifePattern = /^[0-9a-f]{16}$/;
const numberPattern = /^[1-9][0-9]{0,14}$/;

export function assertKeyPart(part: unknown): asserts part is string {
  if (typeof part !== 'string' || !keyPart.test(part))
    throw new TypeError('A partition and a record id are 1 to 128 characters of A-Z, a-z, 0-9, _ and -.');
}

/**
 * The directory name for a partition or a record id. Keys are case-sensitive and file systems may not be, and
 * some names are reserved on Windows: so the hash tells names apart, and the text before it is for people.
 */
export function directoryName(part: string): string {
  return `${part.toLowerCase().slice(0, 32)}-${hashOf(part)}`;
}

export function partitionDirectory(layout: Layout, partition: string): string {
  return join(layout.records, directoryName(partition));
}

export function recordDirectory(layout: Layout, key: RecordKey): string {
  return join(partitionDirectory(layout, key.partition), directoryName(key.id));
}

export function isDirectoryName(name: string): boolean {
  return namePattern.test(name);
}

export function isLifeName(name: string): boolean {
  return lifePattern.test(name);
}

/** The version numbers among the file names in a life, ascending. */
export function versionNumbers(names: readonly string[]): number[] {
  return names
    .filter((name) => numberPattern.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

export function randomName(): string {
  return randomBytes(8).toString('hex');
}

export type ScratchKind = 'draft' | 'new' | 'trash';

/** Names the partition, so that a purge finds what a killed writer left. */
export function scratchPath(layout: Layout, kind: ScratchKind, partition: string): string {
  return join(layout.scratch, `${kind}-${hashOf(partition)}-${randomName()}`);
}

/** What a name in the scratch directory stands for; `undefined` if it is not ours. */
export function scratchKind(name: string): ScratchKind | undefined {
  return /^(draft|new|trash)-[0-9a-f]{24}-[0-9a-f]{16}$/.exec(name)?.[1] as ScratchKind | undefined;
}

export function isScratchOf(name: string, partition: string): boolean {
  return scratchKind(name) !== undefined && name.split('-')[1] === hashOf(partition);
}

function hashOf(part: string): string {
  return createHash('sha256').update(part).digest('hex').slice(0, 24);
}
