// Makes many calls with one signal, and tells what the runtime warned of. Takes the origin of a server.
import { guardedFetch } from '../../dist/index.js';

const [origin] = process.argv.slice(2);
const warnings = [];
process.on('warning', ({ name }) => warnings.push(name));
const fetch = guardedFetch({ allowedOrigins: [origin] });
const { signal } = new AbortController();
const calls = Array.from({ length: 30 }, async () => (await fetch(origin, { signal })).text());
const texts = await Promise.all(calls);
await fetch.close();
console.log(JSON.stringify({ texts: texts.length, warnings }));
