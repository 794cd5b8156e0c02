import { setImmediate as turn } from 'node:timers/promises';
import type { Mutant } from './mutant.js';
import { PlainStore } from './plain-store.js';

const BYTES = 'a value is arbitrary bytes, from none to 64 KiB';
const SHARED = 'neither the bytes that were given nor those that were read are shared with the store';

const keepers: Readonly<Record<string, (value: Uint8Array) => Uint8Array>> = {
  'cuts values at 64 KiB less one': (value) => value.slice(0, 64 * 1024 - 1),
  'ends a value at its first NUL': (value) =>
    value.includes(0) ? value.slice(0, value.indexOf(0)) : value.slice(),
  'strips NULs at the end': (value) => value.slice(0, value.findLastIndex((byte) => byte !== 0) + 1),
  'keeps values as text': (value) => new TextEncoder().encode(new TextDecoder().decode(value)),
  'keeps the low seven bits of a byte': (value) => value.map((byte) => byte & 0x7f),
  'keeps the whole buffer of a view': (value) => new Uint8Array(value.buffer.slice(0)),
  'writes newlines as this system does': (value) => value.filter((byte) => byte !== 0x0d),
};

export const valueMutants: readonly Mutant[] = [
  ...Object.entries(keepers).map(([does, keep]) => ({
    does,
    caughtBy: [BYTES],
    Store: class extends PlainStore {
      protected override kept(value: Uint8Array): Uint8Array {
        return keep(value);
      }
    },
  })),
  {
    does: 'takes a value of no bytes for a delete',
    caughtBy: [BYTES],
    Store: class extends PlainStore {
      override async compareAndSet(
        ...[key, expected, value, options]: Parameters<PlainStore['compareAndSet']>
      ) {
        return super.compareAndSet(key, expected, value?.length === 0 ? null : value, options);
      }
    },
  },
  {
    does: 'cuts what is too long',
    caughtBy: ['a value that is too long is refused or kept whole, never cut'],
    Store: class extends PlainStore {
      protected override kept(value: Uint8Array): Uint8Array {
        return value.slice(0, 64 * 1024);
      }
    },
  },
  {
    does: 'keeps the very bytes that it was given',
    caughtBy: [SHARED],
    Store: class extends PlainStore {
      protected override kept(value: Uint8Array): Uint8Array {
        return value;
      }
    },
  },
  {
    does: 'gives away the very bytes that it keeps',
    caughtBy: [SHARED],
    Store: class extends PlainStore {
      protected override given(value: Uint8Array): Uint8Array {
        return value;
      }
    },
  },
  {
    does: 'takes the bytes when it comes to writing them',
    caughtBy: [SHARED],
    Store: class extends PlainStore {
      override async compareAndSet(...write: Parameters<PlainStore['compareAndSet']>) {
        await turn();
        return super.compareAndSet(...write);
      }
    },
  },
];
