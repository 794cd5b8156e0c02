// Listens on the given port, prints it, and closes when it is told to. Must then end by itself.
import { once } from 'node:events';
import { LoopbackCallbackListener } from '../../dist/index.js';

const redirectUris = [`http://localhost:${process.argv[2]}/callback`];
const listening = await new LoopbackCallbackListener().listen({ redirectUris, anyPort: false });
listening.response('never arrives').catch(String);
console.log(new URL(listening.redirectUri).port);
await once(process.stdin, 'data');
process.stdin.destroy();
console.log('closing');
await listening.close();
