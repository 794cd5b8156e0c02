import type { CallOptions, RecordKey } from '@mcp-oauth/core';
import type { Mutant } from './mutant.js';
import { PlainStore } from './plain-store.js';

const TOLD = 'where a store can watch, whoever watches is told of every kind of change';
const SEVERAL = 'where a store can watch, several may watch one record, and a watch ends alone';

export const watchMutants: readonly Mutant[] = [
  {
    does: 'tells nobody of deletes',
    caughtBy: [TOLD],
    Store: class extends PlainStore {
      protected override tell(key: RecordKey): void {
        if (this.live(key)) super.tell(key);
      }
    },
  },
  {
    does: 'tells nobody of purges',
    caughtBy: [TOLD],
    Store: class extends PlainStore {
      override async purge(partition: string): Promise<void> {
        for (const { key } of this.entries.values()) if (key.partition === partition) this.remove(key);
        return Promise.resolve();
      }
    },
  },
  {
    does: 'tells everybody of everything',
    caughtBy: [SEVERAL],
    Store: class extends PlainStore {
      protected override tell(): void {
        for (const watchers of this.watchers.values())
          for (const onChange of watchers) queueMicrotask(onChange);
      }
    },
  },
  {
    does: 'goes on telling whoever has ended a watch',
    caughtBy: [SEVERAL],
    Store: class extends PlainStore {
      override async watch(key: RecordKey, onChange: () => void, options: CallOptions = {}) {
        await super.watch(key, onChange, options);
        return () => Promise.resolve();
      }
    },
  },
  {
    does: 'ends all watches of a record with the first',
    caughtBy: [SEVERAL],
    Store: class extends PlainStore {
      override async watch(key: RecordKey, onChange: () => void, options: CallOptions = {}) {
        await super.watch(key, onChange, options);
        return () => {
          this.watchers.delete(this.nameOf(key));
          return Promise.resolve();
        };
      }
    },
  },
];
