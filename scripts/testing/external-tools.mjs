import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from '../project.mjs';

/**
 * A program that some tests need and npm does not bring. Those tests are in files named `*.<suffix>.test.ts`.
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
    .map((tool) => ({ tool, files: files.filter((file) => file.endsWith(`.${tool.suffix}.test.ts`)) }))
    .filter((missing) => missing.files.length > 0);
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
