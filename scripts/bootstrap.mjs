import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const run = (command, args) => {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
};
const read = (path) =>
  existsSync(new URL(path, root)) ? readFileSync(new URL(path, root), 'utf8') : undefined;
const upToDate =
  read('pnpm-lock.yaml') !== undefined && read('pnpm-lock.yaml') === read('node_modules/.pnpm/lock.yaml');
if (!upToDate) {
  const pinned = JSON.parse(read('package.json')).packageManager.split('+')[0];
  run('npx', ['--yes', pinned, 'install', '--frozen-lockfile']);
}
run(process.execPath, ['node_modules/typescript/bin/tsc', '-b']);
