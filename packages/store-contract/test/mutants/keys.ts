import type { ListOptions, RecordKey } from '@mcp-oauth/core';
import type { Mutant } from './mutant.js';
import type { Entry } from './plain-store.js';
import { PlainStore } from './plain-store.js';

const APART = 'partitions do not see each other, however alike their names are';
const IDS_APART = 'records do not see each other, however alike their ids are';
const PAIRS = 'a partition and an id are never taken for another pair';
const LENGTHS = 'keys may have 1 to 128 characters of A-Z, a-z, 0-9, _ and -';
const SORTED = 'a list has every record, sorted by the code units of their ids';
const PAGES = 'a list can be read in pages';
const PURGED = 'a purge leaves no record of the partition, and no old version brings one back';

export const keyMutants: readonly Mutant[] = [
  {
    does: 'lists every partition whose name begins like the one that is asked for',
    caughtBy: [APART],
    Store: class extends PlainStore {
      protected override isOf({ key }: Entry, partition: string): boolean {
        return key.partition.startsWith(partition);
      }
    },
  },
  {
    does: 'folds the case of partitions',
    caughtBy: [APART],
    Store: class extends PlainStore {
      protected override nameOf({ partition, id }: RecordKey): string {
        return `${partition.toLowerCase()}/${id}`;
      }
    },
  },
  {
    does: 'folds the case of ids',
    caughtBy: [IDS_APART],
    Store: class extends PlainStore {
      protected override nameOf({ partition, id }: RecordKey): string {
        return `${partition}/${id.toLowerCase()}`;
      }
    },
  },
  ...['', '-', '_'].map((between) => ({
    does: `joins partition and id with "${between}"`,
    caughtBy: [PAIRS],
    Store: class extends PlainStore {
      protected override nameOf({ partition, id }: RecordKey): string {
        return `${partition}${between}${id}`;
      }
    },
  })),
  {
    does: 'cuts long keys',
    caughtBy: [LENGTHS],
    Store: class extends PlainStore {
      protected override nameOf({ partition, id }: RecordKey): string {
        return `${partition}/${id.slice(0, 127)}`;
      }
    },
  },
  {
    does: 'lists in the order of writes',
    caughtBy: [SORTED, PAGES],
    Store: class extends PlainStore {
      protected override sorted(entries: Entry[]): Entry[] {
        return entries;
      }
    },
  },
  {
    does: 'sorts as people do',
    caughtBy: [SORTED],
    Store: class extends PlainStore {
      protected override sorted(entries: Entry[]): Entry[] {
        return entries.sort((one, other) => one.key.id.localeCompare(other.key.id));
      }
    },
  },
  {
    does: 'takes no notice of a limit',
    caughtBy: [PAGES, 'a limit counts living records alone'],
    Store: class extends PlainStore {
      protected override page(entries: Entry[], { after }: ListOptions): Entry[] {
        return super.page(entries, after === undefined ? {} : { after });
      }
    },
  },
  {
    does: 'begins every page at the beginning',
    caughtBy: [PAGES],
    Store: class extends PlainStore {
      protected override page(entries: Entry[], { limit }: ListOptions): Entry[] {
        return super.page(entries, limit === undefined ? {} : { limit });
      }
    },
  },
  {
    does: 'begins a page with the record that it should begin after',
    caughtBy: [PAGES],
    Store: class extends PlainStore {
      protected override page(entries: Entry[], { after = '', limit }: ListOptions): Entry[] {
        return entries.filter(({ key }) => key.id >= after).slice(0, limit);
      }
    },
  },
  {
    does: 'looks for the record that a page begins after',
    caughtBy: ['a page may begin after a record that is gone'],
    Store: class extends PlainStore {
      protected override page(entries: Entry[], { after, limit }: ListOptions): Entry[] {
        const from = entries.findIndex(({ key }) => key.id === after) + 1;
        return entries.slice(from, limit === undefined ? undefined : from + limit);
      }
    },
  },
  {
    does: 'leaves in a purge what an old version can bring back',
    caughtBy: [PURGED],
    Store: class extends PlainStore {
      readonly #purged = new Set<string>();

      override async purge(partition: string): Promise<void> {
        for (const { key, version } of this.entries.values()) {
          if (key.partition === partition) this.#purged.add(version);
        }
        await super.purge(partition);
      }

      protected override matches(...[current, expected, value]: Parameters<PlainStore['matches']>): boolean {
        const isPurged = current === undefined && expected !== null && this.#purged.has(expected);
        return isPurged || super.matches(current, expected, value);
      }
    },
  },
  {
    does: 'purges every partition whose name begins like the one that is asked for',
    caughtBy: [APART],
    Store: class extends PlainStore {
      override async purge(partition: string): Promise<void> {
        for (const { key } of this.entries.values())
          if (key.partition.startsWith(partition)) this.remove(key);
      }
    },
  },
  {
    does: 'purges what a list of one page has',
    caughtBy: [PURGED],
    Store: class extends PlainStore {
      override async purge(partition: string): Promise<void> {
        for (const { id } of await this.list(partition, { limit: 20 })) this.remove({ partition, id });
      }
    },
  },
  {
    does: 'forgets a purged record until somebody writes',
    caughtBy: ['a purge wins over writes in flight that go on from what was there before'],
    Store: class extends PlainStore {
      readonly #inFlight = new Map<string, Entry>();

      override async purge(partition: string): Promise<void> {
        for (const entry of this.entries.values()) {
          if (entry.key.partition === partition) this.#inFlight.set(this.nameOf(entry.key), entry);
        }
        await super.purge(partition);
      }

      override async compareAndSet(...write: Parameters<PlainStore['compareAndSet']>) {
        const [key, expected] = write;
        const purged = this.#inFlight.get(this.nameOf(key));
        if (purged?.version === expected) this.entries.set(this.nameOf(key), purged);
        return super.compareAndSet(...write);
      }
    },
  },
];
