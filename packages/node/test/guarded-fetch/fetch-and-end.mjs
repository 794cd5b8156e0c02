// Reads one answer, says so, and has nothing else to do. Takes the origin of a server, and options.
import { guardedFetch } from '../../dist/index.js';

const [origin, options = '{}'] = process.argv.slice(2);
const fetch = guardedFetch({ allowedOrigins: [origin], ...JSON.parse(options) });
console.log(await fetch(origin).then((response) => response.text(), String));
