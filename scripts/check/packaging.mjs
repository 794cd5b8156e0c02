// Packs what would be published and checks it as those see it who install it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readIfThere, root } from '../project.mjs';

const expectedFile = /^(package\.json|README\.md|LICENSE|src\/.*\.ts|dist\/.*\.(js|d\.ts)(\.map)?)$/;

const packages = readdirSync(`${root}packages`).filter((name) => {
  const manifest = readIfThere(`packages/${name}/package.json`);
  return manifest !== undefined && JSON.parse(manifest).private !== true;
});
const folder = mkdtempSync(join(tmpdir(), 'packed-'));
try {
  const sources = packages.map((name) => `./packages/${name}`);
  const packed = run('npm', ['pack', '--json', '--loglevel=error', '--pack-destination', folder, ...sources]);
  for (const { filename, name, files } of Object.values(JSON.parse(packed))) {
    for (const { path } of files) if (!expectedFile.test(path)) complain(`${name} would publish ${path}`);
    const tarball = join(folder, filename);
    run(process.execPath, ['node_modules/publint/src/cli.js', 'run', '--strict', tarball]);
    const attw = ['node_modules/@arethetypeswrong/cli/dist/index.js', '--profile', 'esm-only'];
    run(process.execPath, [...attw, '--no-definitely-typed', '--format', 'ascii', tarball]);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {string} command @param {readonly string[]} args */
function run(command, args) {
  const shell = command === 'npm' && process.platform === 'win32'; // npm is a .cmd file there
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8', shell });
  if (error !== undefined) throw error;
  if (status !== 0) complain(`${stdout}${stderr}`);
  return stdout;
}

/** @param {string} message */
function complain(message) {
  console.error(message);
  process.exitCode = 1;
}
