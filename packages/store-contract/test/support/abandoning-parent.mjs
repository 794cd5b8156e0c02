// Starts a worker, tells its process id, and waits for its own end.
import { WorkerProcess } from '../../dist/processes/worker-process.js';

const [module, directory] = process.argv.slice(2);
const worker = new WorkerProcess({ module, args: [directory] });
await worker.ready;
worker.run('increment', { key: { partition: 'p', id: 'r' }, times: 1_000_000 });
process.send(worker.pid);
setInterval(() => {}, 1_000);
