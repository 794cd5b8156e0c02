import { setTimeout as delay } from 'node:timers/promises';
import { StoreError } from '@mcp-oauth/core';
import type { CallOptions } from '@mcp-oauth/core';
import type { Mutant } from './mutant.js';
import { PlainStore } from './plain-store.js';

const ABORTED = 'a call whose signal is aborted already rejects with its reason and does nothing';
const CLOSED = 'a store can be closed twice, and answers nothing afterwards';
const GIVEN_UP = 'a call that is given up in the middle ends, and its write is done or not done';

export const callMutants: readonly Mutant[] = [
  {
    does: 'finds fault with itself',
    caughtBy: ['a healthy store passes its own check'],
    Store: class extends PlainStore {
      override check(): Promise<void> {
        return Promise.reject(new StoreError('misconfigured', 'The store never finds itself in order.'));
      }
    },
  },
  {
    does: 'leaves in every partition what it checked with',
    caughtBy: ['a check leaves no record and touches none'],
    Store: class extends PlainStore {
      override async check(options: CallOptions = {}): Promise<void> {
        await super.check(options);
        for (const { key } of [...this.entries.values()]) {
          this.put({ ...key, id: 'check' }, new Uint8Array(1), {});
        }
      }
    },
  },
  {
    does: 'rewrites its records to check them',
    caughtBy: ['a check leaves no record and touches none'],
    Store: class extends PlainStore {
      override async check(options: CallOptions = {}): Promise<void> {
        await super.check(options);
        for (const { key, value } of this.entries.values()) this.put(key, value, {});
      }
    },
  },
  {
    does: 'takes no notice of a signal',
    caughtBy: [
      ABORTED,
      'where a store can watch, a watch that is given up before rejects with the reason, and one of a closed store with StoreError',
    ],
    Store: class extends PlainStore {
      protected override assertUsable(): void {
        super.assertUsable({});
      }
    },
  },
  {
    does: 'writes and then looks at the signal',
    caughtBy: [ABORTED],
    Store: class extends PlainStore {
      override async compareAndSet(
        ...[key, expected, value, options]: Parameters<PlainStore['compareAndSet']>
      ) {
        const { signal, ...rest } = options ?? {};
        const result = await super.compareAndSet(key, expected, value, rest);
        signal?.throwIfAborted();
        return result;
      }
    },
  },
  {
    does: 'has a reason of its own for calls that were given up',
    caughtBy: [ABORTED, GIVEN_UP],
    Store: class extends PlainStore {
      protected override assertUsable({ signal }: CallOptions): void {
        super.assertUsable({});
        if (signal?.aborted) throw new DOMException('This operation was aborted', 'AbortError');
      }

      override async compareAndSet(...write: Parameters<PlainStore['compareAndSet']>) {
        await delay(1);
        return super.compareAndSet(...write);
      }
    },
  },
  {
    does: 'takes any signal for one that is aborted',
    caughtBy: ['a signal that never aborts changes nothing'],
    Store: class extends PlainStore {
      protected override assertUsable({ signal }: CallOptions): void {
        if (signal) throw new DOMException('This operation was aborted', 'AbortError');
        super.assertUsable({});
      }
    },
  },
  {
    does: 'leaves half a write where a call is given up',
    caughtBy: [GIVEN_UP],
    Store: class extends PlainStore {
      override async compareAndSet(
        ...[key, expected, value, options]: Parameters<PlainStore['compareAndSet']>
      ) {
        if (!options?.signal) return super.compareAndSet(key, expected, value, options);
        const half = value?.slice(0, value.length / 2) ?? null;
        const result = await super.compareAndSet(key, expected, half, options);
        await delay(1);
        options.signal.throwIfAborted();
        return result.ok ? super.compareAndSet(key, result.version, value) : result;
      }
    },
  },
  {
    does: 'goes on after it was closed',
    caughtBy: [
      CLOSED,
      'where a store can watch, a watch that is given up before rejects with the reason, and one of a closed store with StoreError',
    ],
    Store: class extends PlainStore {
      override close(): Promise<void> {
        return Promise.resolve();
      }
    },
  },
  {
    does: 'can not be closed twice',
    caughtBy: [CLOSED],
    Store: class extends PlainStore {
      override async close(): Promise<void> {
        this.assertUsable({});
        await super.close();
      }
    },
  },
  {
    does: 'has nothing after it was closed',
    caughtBy: [CLOSED],
    Store: class extends PlainStore {
      override async get(...call: Parameters<PlainStore['get']>) {
        return this.closed ? null : super.get(...call);
      }
    },
  },
];
