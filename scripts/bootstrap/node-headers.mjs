import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The folder to give to node-gyp as `nodedir`, so that it compiles against the headers which came with the
 * running Node and downloads none. `undefined` where none lie beside it, or those of another version.
 * @param {string} execPath
 * @param {string} version as in `process.versions.node`
 * @returns {string | undefined}
 */
export function findNodeHeaders(execPath, version) {
  const prefix = dirname(dirname(realpathSync(execPath)));
  const binaryPackage = `node-${process.platform}-${process.arch}`;
  const candidates = [
    prefix, // nodejs.org archives, distributions, nvm
    join(prefix, 'node_modules', binaryPackage), // the npm package `node`
    join(dirname(prefix), binaryPackage), // the same, hoisted
  ];
  return candidates.find((candidate) => headersVersion(candidate) === version);
}

/** @param {string} prefix */
function headersVersion(prefix) {
  const header = join(prefix, 'include', 'node', 'node_version.h');
  if (!existsSync(header)) return undefined;
  const text = readFileSync(header, 'utf8');
  return ['MAJOR', 'MINOR', 'PATCH']
    .map((part) => new RegExp(`^#define NODE_${part}_VERSION (\\d+)`, 'm').exec(text)?.[1])
    .join('.');
}
