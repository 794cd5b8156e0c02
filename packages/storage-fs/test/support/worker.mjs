// A process that uses the built store. Takes its steps as JSON in argv, answers with one JSON line for each.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { done, installFault, trace } from './fault.mjs';

const { writeSync, writeFileSync } = fs;
const { directory, steps } = JSON.parse(process.argv[2]);
const text = (record) =>
  record && { version: record.version, text: Buffer.from(record.value).toString('latin1') };
const bytes = (value) => (value === null ? null : Buffer.from(value, 'latin1'));
const told = (error) =>
  tell({ name: error.name, kind: error.kind, message: error.message, cause: error.cause?.code });
const tell = (answer) => writeSync(1, `${JSON.stringify(answer ?? null)}\n`);

let store;
try {
  store = new FileTokenStore(directory === undefined ? {} : { directory });
} catch (error) {
  told(error);
  process.exit();
}

const actions = {
  async get(key) {
    return text(await store.get(key));
  },
  async cas(key, expected, value, options) {
    const version = expected === 'current' ? (await store.get(key)).version : expected;
    const result = await store.compareAndSet(key, version, bytes(value), options);
    return result.ok ? result : { ok: false, current: text(result.current) };
  },
  async list(partition) {
    return (await store.list(partition)).map(({ id }) => id);
  },
  purge: (partition) => store.purge(partition),
  check: () => store.check(),
  repair: () => store.repair(),
  /** Adds one to a number, `times` times, and tells each. */
  async increment(key, times) {
    for (let done = 0; done < times; done++) {
      for (let current = await store.get(key); ;) {
        const next = String(Number(text(current)?.text ?? 0) + 1).padEnd(200);
        const result = await store.compareAndSet(key, current?.version ?? null, bytes(next));
        if (result.ok) break;
        current = result.current;
      }
      tell('acknowledged');
    }
  },
  /** Makes, changes and deletes the same few records without end. Tells what of it succeeded. */
  async churn(partition, ids, times) {
    const counts = { made: 0, changed: 0, deleted: 0, lost: 0 };
    for (let turn = 0; turn < times; turn++) {
      const key = { partition, id: ids[Math.floor(Math.random() * ids.length)] };
      const current = await store.get(key);
      const remove = current !== null && Math.random() < 0.5;
      const result = await store.compareAndSet(key, current?.version ?? null, remove ? null : bytes('churn'));
      counts[!result.ok ? 'lost' : !current ? 'made' : remove ? 'deleted' : 'changed']++;
    }
    return counts;
  },
  fault: async (fault) => installFault(fault),
  /** The calls to the file system since a fault was installed. */
  trace: async () => trace,
  faults: async () => done,
  run: async (command, ...args) => execFileSync(command, args, { stdio: 'ignore' }) && null,
  async become(user) {
    process.setegid(user);
    process.seteuid(user);
  },
  umask: async (mask) => process.umask(mask),
  paths: async (path) => fs.readdirSync(path, { recursive: true }).sort(),
  remove: async (path) => fs.rmSync(path, { recursive: true }),
  /** Writes into a file until the disk is full. */
  async fill(path) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(1024), { flag: 'a' });
    } catch (error) {
      return error.code;
    }
  },
  /** Opens files until there are no more to be had. */
  async exhaust(path) {
    try {
      for (;;) fs.openSync(path, 'r');
    } catch (error) {
      return error.code;
    }
  },
  /** Waits until all that take part are here. */
  async start() {
    tell('ready');
    await new Promise((resolve) => process.stdin.once('data', resolve));
    process.stdin.destroy();
  },
};

for (const [name, ...args] of steps) {
  try {
    tell((await actions[name](...args)) ?? null);
  } catch (error) {
    told(error);
  }
}
