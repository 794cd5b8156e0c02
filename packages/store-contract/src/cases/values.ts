import { bytes, promise, textAt, versionOf, write } from '../scene.js';
import { described, isLimitExceeded, must, mustEqual, settled } from '../violation.js';

const KIB = 1024;

export const valueCases = [
  promise('a value is arbitrary bytes, from none to 64 KiB', async ({ open, another, partition, random }) => {
    const store = await open();
    const other = await another(store);
    const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const longest = Uint8Array.from({ length: 64 * KIB }, () => Math.floor(random() * 256));
    const values = {
      none: new Uint8Array(),
      nul: new Uint8Array(1),
      every,
      newlines: bytes('\r\n\n\r {"json": true}\u2028'),
      no_utf8: new Uint8Array([0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80]),
      ends_with_nul: new Uint8Array([1, 0, 0, 0]),
      one_less: longest.subarray(1),
      longest,
      view: longest.subarray(1_000, 1_010),
    };
    const name = partition();
    for (const [id, value] of Object.entries(values)) {
      versionOf(await store.compareAndSet({ partition: name, id }, null, value));
      mustEqual(
        (await other.get({ partition: name, id }))?.value,
        value,
        'A value is read as it was written',
      );
    }
    for (const { id, value } of await other.list(name)) {
      mustEqual(value, values[id as keyof typeof values], 'A value is listed as it was written');
    }
  }),

  promise('a value that is too long is refused or kept whole, never cut', async ({ open, key }) => {
    const store = await open();
    const at = key();
    const version = await write(store, at, null, 'kept');
    const huge = new Uint8Array(KIB * KIB).fill(7);
    const outcome = await settled(store.compareAndSet(at, version, huge));
    if (outcome.resolved) {
      mustEqual((await store.get(at))?.value, huge, 'A value that was taken is kept whole');
    } else {
      must(isLimitExceeded(outcome.error), 'A value that is too long is refused as such', described(outcome));
      mustEqual(await textAt(store, at), 'kept', 'A refused value changes nothing');
    }
  }),

  promise(
    'neither the bytes that were given nor those that were read are shared with the store',
    async ({ open, key }) => {
      const store = await open();
      const at = key();
      const given = bytes('as written');
      const writing = store.compareAndSet(at, null, given);
      given.fill(0);
      const version = versionOf(await writing);
      mustEqual(await textAt(store, at), 'as written', 'A value is the bytes at the time of the call');
      (await store.get(at))?.value.fill(1);
      (await store.list(at.partition))[0]?.value.fill(1);
      const lost = await store.compareAndSet(at, null, bytes('x'));
      if (!lost.ok) lost.current?.value.fill(1);
      mustEqual(await textAt(store, at), 'as written', 'Changing what was read changes nothing in the store');
      mustEqual((await store.get(at))?.version, version, 'Reading changes nothing');
    },
  ),
];
