import type { ListedRecord, ListOptions } from '@mcp-oauth/core';
import { commandTimeoutMs } from './bounded.js';
import type { Connection } from './connection.js';
import type { Layout } from './layout.js';
import { decodeRecord } from './record.js';
import { forgetScript } from './scripts.js';

/** Keeps a reply, and the time that the server takes for it, small. */
const recordsPerCommand = 64;
const listTimeoutMs = 8_000;

export async function listRecords(
  connection: Connection,
  layout: Layout,
  partition: string,
  { after, limit = Infinity, signal }: ListOptions,
): Promise<ListedRecord[]> {
  const end = performance.now() + listTimeoutMs;
  const bounds = () => ({ deadline: Math.min(performance.now() + commandTimeoutMs, end), signal });
  const index = layout.index(partition);
  const members = (await connection.send(bounds(), (client) =>
    client.smembersBuffer(index),
  )) as Iterable<Buffer>;
  const ids = [...members]
    .map(String)
    .filter((id) => after === undefined || id > after)
    .sort((a, b) => (a < b ? -1 : 1));
  const records: ListedRecord[] = [];
  const dead: string[] = [];
  while (ids.length > 0 && records.length < limit) {
    const some = ids.splice(0, Math.min(recordsPerCommand, limit - records.length));
    const keys = some.map((id) => layout.record({ partition, id }));
    const held = (await connection.send(bounds(), (client) =>
      client.mgetBuffer(...keys),
    )) as readonly unknown[];
    for (const [at, id] of some.entries()) {
      const record = decodeRecord(held[at], layout.record({ partition, id }));
      if (record) records.push({ id, ...record });
      else dead.push(id);
    }
  }
  if (dead.length > 0) await connection.run(bounds(), forgetScript, [index], dead);
  return records;
}
