import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findNodeHeaders } from '../bootstrap/node-headers.mjs';

const binaryPackage = `node-${process.platform}-${process.arch}`;
let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'node-headers-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(path: string, content = ''): string {
  const full = join(folder, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
  return full;
}

function headers(prefix: string, [major, minor, patch]: readonly [number, number, number]): void {
  const lines = [
    `#define NODE_MAJOR_VERSION ${major}`,
    `#define NODE_MINOR_VERSION ${minor}`,
    `#define NODE_PATCH_VERSION ${patch}`,
  ];
  file(join(prefix, 'include/node/node_version.h'), lines.join('\n'));
}

test('headers are found beside the executable, also through a link to it', () => {
  const execPath = file('usr/bin/node');
  headers('usr', [20, 20, 2]);
  const link = join(folder, 'node');
  symlinkSync(execPath, link);
  expect(findNodeHeaders(link, '20.20.2')).toBe(join(folder, 'usr'));
});

test('headers are found in both layouts of the npm package `node`', () => {
  const execPath = file('node_modules/node/bin/node');
  headers(`node_modules/${binaryPackage}`, [22, 1, 0]);
  expect(findNodeHeaders(execPath, '22.1.0')).toBe(join(folder, 'node_modules', binaryPackage));
  headers(`node_modules/node/node_modules/${binaryPackage}`, [22, 1, 0]);
  expect(findNodeHeaders(execPath, '22.1.0')).toBe(
    join(folder, 'node_modules/node/node_modules', binaryPackage),
  );
});

test('headers of another version are not taken', () => {
  const execPath = file('usr/bin/node');
  headers('usr', [20, 20, 1]);
  expect(findNodeHeaders(execPath, '20.20.2')).toBeUndefined();
});

test('no headers are no error', () => {
  expect(findNodeHeaders(file('usr/bin/node'), '20.20.2')).toBeUndefined();
});
