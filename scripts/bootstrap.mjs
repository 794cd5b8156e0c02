// Makes a fresh checkout ready: installs what the lockfile names and builds. Safe to run at any time.
// Nothing newer than ES modules may stand in this file: an old Node must get as far as the message below.
import { readFileSync } from 'fs';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const [major, minor] = engines.node.replace('>=', '').split('.').map(Number);
const [runningMajor = 0, runningMinor = 0] = process.versions.node.split('.').map(Number);

if (runningMajor > major || (runningMajor === major && runningMinor >= minor)) {
  void import('./bootstrap/set-up.mjs').then(({ setUp }) => setUp());
} else {
  console.error(
    `bootstrap: Node ${major}.${minor} or newer is needed and this is ${process.version}; ` +
      'install a current one from https://nodejs.org and run the command again.',
  );
  process.exitCode = 1;
}
