// A process that uses the built store. Takes its steps as JSON in argv, answers with one JSON line for each.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync, writeSync } from 'node:fs';
import { openSqliteTokenStore } from '@mcp-oauth/storage-sqlite';
import Database from 'better-sqlite3';

const { path, steps } = JSON.parse(process.argv[2]);
const tell = (answer) => writeSync(1, `${JSON.stringify(answer ?? null)}\n`);
const text = (record) => record && Buffer.from(record.value).toString();
let store;

const actions = {
  open: async () => {
    store = await openSqliteTokenStore({ path });
  },
  get: async (key) => text(await store.get(key)),
  put: async (key, value) => {
    const current = await store.get(key);
    const { ok } = await store.compareAndSet(key, current?.version ?? null, Buffer.from(value));
    return ok;
  },
  /** Counts on in the record for ever, and tells each number when it is written. */
  count: async (key) => {
    for (;;) {
      const current = await store.get(key);
      const number = current === null ? 1 : Number.parseInt(text(current), 10) + 1;
      const value = `${number} ${'x'.repeat((number % 9) * 1000)}.`;
      const { ok } = await store.compareAndSet(key, current?.version ?? null, Buffer.from(value));
      if (ok) tell(number);
    }
  },
  stay: () => new Promise((resolve) => setTimeout(resolve, 60_000)),
  purge: (partition) => store.purge(partition),
  check: () => store.check(),
  close: () => store.close(),
  run: async (command, ...args) => void execFileSync(command, args, { stdio: 'ignore' }),
  fill: async (file) => {
    for (let chunk = 65536; chunk >= 1; chunk = Math.floor(chunk / 4)) {
      try {
        for (;;) writeFileSync(file, Buffer.alloc(chunk), { flag: 'a' });
      } catch (error) {
        if (error.code !== 'ENOSPC') throw error;
      }
    }
  },
  remove: async (file) => rmSync(file),
  /** Holds the write lock, told when it has it, for so long. Answers with the time when it lets go. */
  hold: async (ms) => {
    const database = new Database(path);
    database.exec('BEGIN IMMEDIATE');
    tell('held');
    await new Promise((resolve) => setTimeout(resolve, ms));
    const releasedAt = Date.now();
    database.exec('COMMIT');
    database.close();
    return releasedAt;
  },
};

for (const [name, ...args] of steps) {
  try {
    tell((await actions[name](...args)) ?? null);
  } catch (error) {
    tell({ name: error.name, kind: error.kind, message: error.message });
  }
}
