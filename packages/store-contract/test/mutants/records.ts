import { setImmediate as turn } from 'node:timers/promises';
import type { CompareAndSetResult, RecordKey, StoredRecord, Version, WriteOptions } from '@mcp-oauth/core';
import type { Mutant } from './mutant.js';
import type { Entry } from './plain-store.js';
import { PlainStore } from './plain-store.js';

/** Compares, and writes a turn later. */
class ComparingFirst extends PlainStore {
  protected isHasty(_expected: Version | null, _value: Uint8Array | null, _key: RecordKey): boolean {
    return true;
  }

  override async compareAndSet(
    key: RecordKey,
    expected: Version | null,
    value: Uint8Array | null,
    options: WriteOptions = {},
  ): Promise<CompareAndSetResult> {
    if (!this.isHasty(expected, value, key)) return super.compareAndSet(key, expected, value, options);
    this.assertUsable(options);
    const current = this.live(key);
    if (!this.matches(current, expected, value)) return { ok: false, current: this.recordOf(current) };
    await turn();
    const version = value && this.put(key, value, options);
    if (!value) this.remove(key);
    return { ok: true, version };
  }
}

export const recordMutants: readonly Mutant[] = [
  {
    does: 'answers undefined where nothing stands',
    caughtBy: ['a record that nobody wrote is absent'],
    Store: class extends PlainStore {
      protected override recordOf(entry: Entry | undefined): StoredRecord | null {
        return entry ? super.recordOf(entry) : (undefined as unknown as null);
      }
    },
  },
  {
    does: 'gives the reader another version than the writer',
    caughtBy: ['a write is read back with the version that it was given'],
    Store: class extends PlainStore {
      protected override recordOf(entry: Entry | undefined): StoredRecord | null {
        return entry ? super.recordOf({ ...entry, version: `"${entry.version}"` as Version }) : null;
      }

      protected override matches(...[current, expected, value]: Parameters<PlainStore['matches']>): boolean {
        return super.matches(current, (expected?.replaceAll('"', '') ?? null) as Version | null, value);
      }
    },
  },
  {
    does: 'tells a loser nothing of what stands there',
    caughtBy: [
      'a write over another version than the stored one changes nothing and is told what stands there',
    ],
    Store: class extends PlainStore {
      override async compareAndSet(...write: Parameters<PlainStore['compareAndSet']>) {
        const result = await super.compareAndSet(...write);
        return result.ok ? result : ({ ok: false, current: null } as const);
      }
    },
  },
  {
    does: 'tells a loser what stood there before',
    caughtBy: [
      'a write over another version than the stored one changes nothing and is told what stands there',
    ],
    Store: class extends PlainStore {
      readonly #before = new Map<string, StoredRecord | null>();

      override async compareAndSet(...write: Parameters<PlainStore['compareAndSet']>) {
        const [key] = write;
        const name = this.nameOf(key);
        const before = this.recordOf(this.live(key));
        const result = await super.compareAndSet(...write);
        if (!result.ok) return { ok: false, current: this.#before.get(name) ?? result.current } as const;
        this.#before.set(name, before);
        return result;
      }
    },
  },
  {
    does: 'deletes without comparing',
    caughtBy: [
      'a write over another version than the stored one changes nothing and is told what stands there',
      'of many that take a record exactly one gets it',
    ],
    Store: class extends PlainStore {
      protected override matches(
        current: Entry | undefined,
        expected: Version | null,
        value: Uint8Array | null,
      ): boolean {
        return value === null || super.matches(current, expected, value);
      }
    },
  },
  {
    does: 'takes what is absent for what was expected',
    caughtBy: [
      'a write over a version that never was creates nothing',
      'a record whose time is over counts as absent for whoever writes',
      'a purge leaves no record of the partition, and no old version brings one back',
      'a purge wins over writes in flight that go on from what was there before',
    ],
    Store: class extends PlainStore {
      protected override matches(
        current: Entry | undefined,
        expected: Version | null,
        value: Uint8Array | null,
      ): boolean {
        return current === undefined || super.matches(current, expected, value);
      }
    },
  },
  {
    does: 'says that it deleted what was gone already',
    caughtBy: [
      'a delete removes the record, and an absent one can be deleted',
      'a record whose time is over counts as absent for whoever writes',
    ],
    Store: class extends PlainStore {
      protected override matches(
        current: Entry | undefined,
        expected: Version | null,
        value: Uint8Array | null,
      ): boolean {
        return (value === null && current === undefined) || super.matches(current, expected, value);
      }
    },
  },
  {
    does: 'refuses to delete what is absent',
    caughtBy: ['a delete removes the record, and an absent one can be deleted'],
    Store: class extends PlainStore {
      protected override matches(
        current: Entry | undefined,
        expected: Version | null,
        value: Uint8Array | null,
      ): boolean {
        return (value !== null || current !== undefined) && super.matches(current, expected, value);
      }
    },
  },
  {
    does: 'answers from what it read a while ago',
    caughtBy: ['every handle reads what any other one has written'],
    Store: class extends PlainStore {
      readonly #read = new Map<string, { readonly record: StoredRecord | null; readonly at: number }>();

      override async get(...[key, options]: Parameters<PlainStore['get']>) {
        const name = this.nameOf(key);
        const cached = this.#read.get(name);
        if (cached && performance.now() - cached.at < 20) return cached.record;
        const record = await super.get(key, options);
        this.#read.set(name, { record, at: performance.now() });
        return record;
      }
    },
  },
  {
    does: 'compares and then writes blindly',
    caughtBy: ['of many writers at once that expect one version exactly one succeeds'],
    Store: ComparingFirst,
  },
  {
    does: 'compares and then deletes blindly',
    caughtBy: ['of many that take a record exactly one gets it'],
    Store: class extends ComparingFirst {
      protected override isHasty(_expected: Version | null, value: Uint8Array | null): boolean {
        return value === null;
      }
    },
  },
  {
    does: 'clears an expired record away and then creates blindly',
    caughtBy: ['of many that create a record in the place of an expired one exactly one succeeds'],
    Store: class extends ComparingFirst {
      protected override isHasty(
        expected: Version | null,
        _value: Uint8Array | null,
        key: RecordKey,
      ): boolean {
        return expected === null && this.entries.has(this.nameOf(key));
      }
    },
  },
];
