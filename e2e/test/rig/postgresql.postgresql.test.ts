import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import { startPostgresql } from '@mcp-oauth/e2e/postgresql';
import pg from 'pg';
import { findPrograms } from '../../src/postgresql/programs.js';

const starterPath = fileURLToPath(new URL('postgresql-starter.mjs', import.meta.url));
const opened: { close?: () => Promise<void>; end?: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) {
    await one.end?.();
    await one.close?.();
  }
});

function keep<One extends (typeof opened)[number]>(one: One): One {
  opened.push(one);
  return one;
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = keep(new pg.Client(connectionString));
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

const endOf = (client: pg.Client) => new Promise((resolve) => client.once('end', resolve));

const answered = (promise: Promise<unknown>, ms: number) =>
  Promise.race([
    promise.then(() => true),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), ms)),
  ]);

test('a server keeps what was committed when all its processes are killed, and says nothing while it is stopped', async () => {
  const server = keep(await startPostgresql());
  const first = await connect(server.connectionString);
  await first.query("CREATE TABLE kept AS SELECT 'value' AS value");
  const cut = endOf(first);
  await server.restart();
  await cut;

  const second = await connect(server.connectionString);
  await expect(second.query('SELECT value FROM kept')).resolves.toMatchObject({ rows: [{ value: 'value' }] });
  await server.stop();
  const reply = second.query('SELECT value FROM kept');
  await expect(answered(reply, 100)).resolves.toBe(false);
  await server.cont();
  await expect(reply).resolves.toMatchObject({ rowCount: 1 });
}, 30_000);

test('a server with a password lets nobody in without it, and takes the settings that it is given', async () => {
  const server = keep(await startPostgresql({ password: "p@ss'word", settings: { cluster_name: "it's" } }));
  const url = new URL(server.connectionString);
  url.password = 'other';
  await expect(connect(url.href)).rejects.toMatchObject({ code: '28P01' });
  const client = await connect(server.connectionString);
  await expect(client.query('SHOW cluster_name')).resolves.toMatchObject({
    rows: [{ cluster_name: "it's" }],
  });
  await expect(client.query('SHOW fsync')).resolves.toMatchObject({ rows: [{ fsync: 'on' }] });
}, 30_000);

test.each(['running', 'stopped'])(
  'no server, %s, outlives the process that started it, though that is killed with its group',
  async (state) => {
    const starter = spawn(process.execPath, [starterPath], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    });
    const [url] = (await once(starter.stdout.setEncoding('utf8'), 'data')) as [string];
    const client = await connect(url.trim());
    const { rows } = await client.query<{ folder: string }>(
      "SELECT current_setting('data_directory') AS folder",
    );
    const ended = endOf(client);
    if (state === 'stopped') {
      starter.stdin.write('stop\n');
      await once(starter.stdout, 'data');
    }
    process.kill(-starter.pid!, 'SIGKILL');
    await ended;
    // Until it is gone it says that it is going.
    for (let code; code !== 'ECONNREFUSED';)
      code = await connect(url.trim()).then(
        () => 'connected',
        (error: unknown) => (error as { code?: string }).code,
      );
    while (existsSync(dirname(rows[0]!.folder))) await new Promise((resolve) => setTimeout(resolve, 10));
  },
  30_000,
);

test('where PostgreSQL is missing, the error names the package that brings it', async () => {
  await expect(findPrograms('/nowhere', '/nowhere/either')).rejects.toThrow('apt-get install postgresql');
});
