// Takes the lock as often as it is told, and each time adds one to a number in a file in a way that bears no company.
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { withInstallLock } from '../bootstrap/install-lock.mjs';

const [lock = '', counter = '', times, holdMs] = process.argv.slice(2);
for (let time = 0; time < Number(times); time++)
  await withInstallLock(lock, async () => {
    const count = Number(readFileSync(counter, 'utf8'));
    process.stdout.write('held\n');
    await sleep(Number(holdMs));
    writeFileSync(counter, String(count + 1));
  });
