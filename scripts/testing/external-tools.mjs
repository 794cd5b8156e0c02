import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { root } from '../project.mjs';

/**
 * A program that some tests need and npm does not bring. Those tests are in files named `*.<suffix>.test.ts`, with two such tools
 * `*.<suffix>.<suffix>.test.ts`.
 * @typedef {{ suffix: string, command: string, aptPackage: string, variable?: string, path: string | undefined }} Tool
 * @typedef {{ tool: Tool, files: readonly string[] }} LeftOut
 */

/** @returns {readonly Tool[]} */
export function externalTools() {
  const { CHROMIUM_PATH } = process.env;
  return [
    {
      suffix: 'chromium',
      command: 'chromium',
      aptPackage: 'chromium',
      path: CHROMIUM_PATH ? executable(CHROMIUM_PATH) : onPath('chromium', 'chromium-browser'),
    },
    {
      suffix: 'redis',
      command: 'redis-server',
      aptPackage: 'redis-server',
      path: onPath('redis-server'),
    },
    {
      suffix: 'secretservice',
      command: 'gnome-keyring-daemon',
      aptPackage: 'gnome-keyring',
      path: onPath('gnome-keyring-daemon'),
    },
    {
      suffix: 'secretservice',
      command: 'dbus-run-session',
      aptPackage: 'dbus-daemon',
      path: onPath('dbus-run-session'),
    },
    {
      suffix: 'netns',
      command: 'ip',
      aptPackage: 'iproute2',
      path: onPath('ip'),
    },
    {
      suffix: 'postgresql',
      command: 'initdb',
      aptPackage: 'postgresql',
      path: onPath('initdb') ?? postgresqlServerProgram('initdb'),
    },
  ];
}

/**
 * The test files that can't run here, by the tool that they miss.
 * @param {readonly Tool[]} tools
 * @returns {readonly LeftOut[]}
 */
export function leftOut(tools) {
  const files = ['packages', 'e2e', 'examples'].flatMap(testFiles);
  return tools
    .filter(({ path }) => path === undefined)
    .map((tool) => ({ tool, files: files.filter((file) => isFor(file, tool)) }))
    .filter((missing) => missing.files.length > 0);
}

/** @param {string} file @param {Tool} tool */
function isFor(file, { suffix }) {
  return basename(file, '.test.ts').split('.').slice(1).includes(suffix);
}

/**
 * Debian keeps the programs of a PostgreSQL server off the PATH, in a folder of each version.
 * @param {string} program
 */
function postgresqlServerProgram(program) {
  const versions = '/usr/lib/postgresql';
  if (!existsSync(versions)) return undefined;
  return readdirSync(versions)
    .map((version) => executable(join(versions, version, 'bin', program)))
    .find((path) => path !== undefined);
}

/** @param {string} folder @returns {string[]} */
function testFiles(folder) {
  return readdirSync(root + folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isFile()) return entry.name.endsWith('.test.ts') ? [`${folder}/${entry.name}`] : [];
    const skipped = !entry.isDirectory() || ['node_modules', 'dist', 'src'].includes(entry.name);
    return skipped ? [] : testFiles(`${folder}/${entry.name}`);
  });
}

/** @param {readonly string[]} commands */
function onPath(...commands) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return commands
    .flatMap((command) => folders.map((folder) => executable(join(folder, command))))
    .find((path) => path !== undefined);
}

/** @param {string} path */
function executable(path) {
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}
