import { StoreError } from '@mcp-oauth/core';
import type { RecordKey } from '@mcp-oauth/core';

const keyPart = /^[A-Za-z0-9_-]{1,128}$/;
const validPrefix = /^[A-Za-z0-9_.:-]{1,64}$/;

/** The partition is the hash tag: all its keys are in one slot of a cluster, so that one script can change them. */
export class Layout {
  readonly #prefix: string;

  constructor(prefix: string) {
    if (!validPrefix.test(prefix))
      throw new StoreError(
        'misconfigured',
        'The prefix of a Redis token store is 1 to 64 characters of A-Z, a-z, 0-9, _, -, . and :.',
      );
    this.#prefix = prefix;
  }

  record({ partition, id }: RecordKey): string {
    return `${this.#of(partition)}:r:${assertKeyPart(id)}`;
  }

  /** A set of the ids of the partition's records. */
  index(partition: string): string {
    return `${this.#of(partition)}:i`;
  }

  /** Tells for a while that a delete was done. */
  note(partition: string, version: string): string {
    return `${this.#of(partition)}:d:${version}`;
  }

  channel({ partition, id }: RecordKey): string {
    return `${this.channels(partition)}${assertKeyPart(id)}`;
  }

  /** What the channels of the partition begin with. */
  channels(partition: string): string {
    return `${this.#of(partition)}:c:`;
  }

  #of(partition: string): string {
    return `${this.#prefix}:{${assertKeyPart(partition)}}`;
  }
}

function assertKeyPart(part: unknown): string {
  if (typeof part !== 'string' || !keyPart.test(part))
    throw new TypeError('A partition and a record id are 1 to 128 characters of A-Z, a-z, 0-9, _ and -.');
  return part;
}
