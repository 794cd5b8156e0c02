import { createHash } from 'node:crypto';
import type { RecordKey, Version } from '@mcp-oauth/core';
import type { Mutant } from './mutant.js';
import { PlainStore } from './plain-store.js';

/** Counts, and begins again when it has forgotten a record. */
class Counting extends PlainStore {
  protected readonly counts = new Map<string, number>();

  protected override newVersion(key: RecordKey, _value: Uint8Array): Version {
    const count = (this.counts.get(this.nameOf(key)) ?? 0) + 1;
    this.counts.set(this.nameOf(key), count);
    return String(count) as Version;
  }
}

export const versionMutants: readonly Mutant[] = [
  {
    does: 'takes the hash of the value for a version',
    caughtBy: ['a version never comes back while a record lives, not even for the same value'],
    Store: class extends PlainStore {
      protected override newVersion(_key: RecordKey, value: Uint8Array): Version {
        return createHash('sha256').update(value).digest('hex') as Version;
      }
    },
  },
  {
    does: 'begins to count again after a delete',
    caughtBy: ['a version never comes back after delete'],
    Store: class extends Counting {
      override async compareAndSet(...write: Parameters<PlainStore['compareAndSet']>) {
        const result = await super.compareAndSet(...write);
        if (result.ok && result.version === null) this.counts.delete(this.nameOf(write[0]));
        return result;
      }
    },
  },
  {
    does: 'begins to count again after a record has expired',
    caughtBy: ['a version never comes back after expiry'],
    Store: class extends Counting {
      protected override newVersion(key: RecordKey, value: Uint8Array): Version {
        const entry = this.entries.get(this.nameOf(key));
        if (entry && this.isOver(entry)) this.counts.delete(this.nameOf(key));
        return super.newVersion(key, value);
      }
    },
  },
  {
    does: 'begins to count again after a purge',
    caughtBy: ['a version never comes back after purge'],
    Store: class extends Counting {
      override async purge(partition: string) {
        await super.purge(partition);
        for (const name of this.counts.keys()) if (name.startsWith(`${partition}/`)) this.counts.delete(name);
      }
    },
  },
  {
    does: 'takes the time for a version',
    caughtBy: ['a version never comes back while a record lives, not even for the same value'],
    Store: class extends PlainStore {
      protected override newVersion(): Version {
        return new Date().toISOString() as Version;
      }
    },
  },
];
