// Fails where a file of the repository speaks of the machine or the circumstances it was written in.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { root } from '../project.mjs';
import { findPrivateTraces } from './find-private-traces.mjs';

const findings = repositoryFiles().flatMap((path) => {
  const bytes = readFileSync(root + path);
  if (bytes.includes(0)) return []; // not a text
  return findPrivateTraces(bytes.toString('utf8')).map(({ line, trace }) => `${path}:${line} ${trace}`);
});
for (const finding of findings) console.error(finding);
process.exitCode = findings.length === 0 ? 0 : 1;

/** What is committed or could be. The checkout may belong to another user, and may have come without git. */
function repositoryFiles() {
  const args = ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20 });
  return status === 0
    ? stdout.split('\0').filter((path) => path !== '' && existsSync(root + path))
    : filesUnder('');
}

/** @param {string} folder @returns {string[]} */
function filesUnder(folder) {
  return readdirSync(root + folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isFile()) return [folder + entry.name];
    const generated = ['.git', 'node_modules', 'dist', 'coverage'].includes(entry.name);
    return entry.isDirectory() && !generated ? filesUnder(`${folder}${entry.name}/`) : [];
  });
}
