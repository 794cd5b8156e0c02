import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll } from '@jest/globals';

const run = promisify(execFile);
const packages = fileURLToPath(new URL('../../..', import.meta.url));
const recorder = fileURLToPath(new URL('record-loaded.mjs', import.meta.url));
const program = fileURLToPath(new URL('open-and-use.mjs', import.meta.url));

const made: string[] = [];
afterAll(() => made.forEach((path) => rmSync(path, { recursive: true, force: true })));

export function freshDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'mcp-oauth-open-'));
  made.push(path);
  return path;
}

/** What `npm install @mcp-oauth/open-store` gives, without the optional peers. */
export function installWithoutPeers(): string {
  const directory = freshDirectory();
  const modules = join(directory, 'node_modules');
  const names = ['core', 'storage-encrypted', 'storage-fs', 'storage-redis', 'storage-sqlite', 'open-store'];
  for (const name of names) {
    const from = join(packages, name);
    const to = join(modules, '@mcp-oauth', name);
    cpSync(join(from, 'dist'), join(to, 'dist'), { recursive: true });
    cpSync(join(from, 'package.json'), join(to, 'package.json'));
  }
  const manifest = createRequire(join(packages, 'core/package.json')).resolve('oauth4webapi');
  symlinkSync(packageOf(manifest, 'oauth4webapi'), join(modules, 'oauth4webapi'));
  cpSync(program, join(directory, 'open-and-use.mjs'));
  mkdirSync(join(directory, 'home'));
  return directory;
}

export interface Outcome {
  /** What a record held that was written and read, or the class and the text of the error. */
  readonly said: string;
  /** The packages that were loaded. */
  readonly loaded: readonly string[];
}

/** Opens the address in a process of its own, and writes and reads a record. */
export async function openIn(
  directory: string,
  address: string,
  keys: 'none' | 'ring' | 'keychain' = 'none',
): Promise<Outcome> {
  const log = join(freshDirectory(), 'loaded');
  const { stdout } = await run(
    process.execPath,
    ['--import', recorder, join(directory, 'open-and-use.mjs'), address, keys],
    { env: { LOADED_LOG: log, HOME: join(directory, 'home') } },
  );
  const urls = readFileSync(log, 'utf8').split('\n');
  const loaded = urls.map((url) => /.*\/node_modules\/((@[^/]+\/)?[^/]+)/.exec(url)?.[1]);
  return { said: stdout.trim(), loaded: [...new Set(loaded)].filter((name) => name !== undefined).sort() };
}

function packageOf(file: string, name: string): string {
  let directory = dirname(file);
  while (!directory.endsWith(`/${name}`)) directory = dirname(directory);
  return directory;
}
