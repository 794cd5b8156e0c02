import type { ListOptions, WriteOptions } from '@mcp-oauth/core';
import type { Mutant } from './mutant.js';
import type { Entry } from './plain-store.js';
import { PlainStore } from './plain-store.js';

export const expiryMutants: readonly Mutant[] = [
  {
    does: 'takes milliseconds for seconds',
    caughtBy: ['a record is there until its time is over, and then it is absent'],
    Store: class extends PlainStore {
      protected override untilOf({ ttlMs = Infinity }: WriteOptions): number {
        return performance.now() + ttlMs * 1_000;
      }
    },
  },
  {
    does: 'lists what has expired',
    caughtBy: ['a record whose time is over is not listed', 'a limit counts living records alone'],
    Store: class extends PlainStore {
      protected override isListed(): boolean {
        return true;
      }
    },
  },
  {
    does: 'leaves out of a page what has expired',
    caughtBy: ['a limit counts living records alone'],
    Store: class extends PlainStore {
      protected override isListed(): boolean {
        return true;
      }

      protected override page(entries: Entry[], options: ListOptions): Entry[] {
        return super.page(entries, options).filter((entry) => !this.isOver(entry));
      }
    },
  },
  {
    does: 'lets what has expired stand in the way of a new record',
    caughtBy: [
      'a record whose time is over counts as absent for whoever writes',
      'of many that create a record in the place of an expired one exactly one succeeds',
    ],
    Store: class extends PlainStore {
      override async compareAndSet(
        ...[key, expected, value, options]: Parameters<PlainStore['compareAndSet']>
      ) {
        const stands = this.entries.get(this.nameOf(key));
        if (expected === null && stands && this.isOver(stands)) return { ok: false, current: null } as const;
        return super.compareAndSet(key, expected, value, options);
      }
    },
  },
  {
    does: 'keeps the time of a record when a write sets none',
    caughtBy: ['a write without a time lifts the one that was set before'],
    Store: class extends PlainStore {
      protected override untilOf(options: WriteOptions, before: Entry | undefined): number {
        return options.ttlMs === undefined && before ? before.until : super.untilOf(options, before);
      }
    },
  },
  {
    does: 'keeps the first time that a record was given',
    caughtBy: ['a write with a time replaces the one that was set before'],
    Store: class extends PlainStore {
      protected override untilOf(options: WriteOptions, before: Entry | undefined): number {
        const isTimed = before && before.until !== Infinity && options.ttlMs !== undefined;
        return isTimed ? before.until : super.untilOf(options, before);
      }
    },
  },
  {
    does: 'sets the time of a record before it compares',
    caughtBy: ['a write that lost does not change the time of the record'],
    Store: class extends PlainStore {
      override async compareAndSet(
        ...[key, expected, value, options]: Parameters<PlainStore['compareAndSet']>
      ) {
        const stands = this.live(key);
        if (stands && options) {
          this.entries.set(this.nameOf(key), { ...stands, until: this.untilOf(options, stands) });
        }
        return super.compareAndSet(key, expected, value, options);
      }
    },
  },
];
