// Opens an address, prints what came of it, and has nothing else to do. A second argument aborts after so many ms.
import { SystemBrowser } from '../../dist/index.js';

const [href, abortMs] = process.argv.slice(2);
const options = abortMs === undefined ? {} : { signal: AbortSignal.timeout(Number(abortMs)) };
const outcome = await new SystemBrowser()
  .open(new URL(href), options)
  .catch(({ name }) => ({ rejected: name }));
console.log(JSON.stringify(outcome));
