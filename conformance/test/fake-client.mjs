// A client of the fake suite, by its first argument. What it starts writes its process id to the file that is the second.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const [behaviour, file, ...more] = process.argv.slice(2);
if (more.length > 1) throw new Error('The file has spaces in its name, and was taken apart.');
const grandchild = (options) => {
  const started = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1_000)'], options);
  writeFileSync(file, String(started.pid));
  return started;
};
switch (behaviour) {
  case 'completes':
    console.log('ended: completed');
    break;
  case 'fails':
    console.log('ended: Error: it did not work');
    process.exitCode = 1;
    break;
  case 'dies':
    process.kill(process.pid, 'SIGKILL');
    break;
  case 'never-exits':
    grandchild({ stdio: 'inherit' });
    setInterval(() => {}, 1_000);
    break;
  case 'leaves-one-behind':
    grandchild({ stdio: 'ignore' }).unref();
    console.log('ended: completed');
    break;
  case 'lets-one-go':
    grandchild({ stdio: 'inherit', detached: true }).unref();
    console.log('ended: completed');
    break;
}
