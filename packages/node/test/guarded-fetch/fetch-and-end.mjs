// Reads one answer, says so, and has nothing else to do. Takes the origin of a server.
import { guardedFetch } from '../../dist/index.js';

const [origin] = process.argv.slice(2);
const response = await guardedFetch({ allowedOrigins: [origin] })(origin);
console.log(await response.text());
