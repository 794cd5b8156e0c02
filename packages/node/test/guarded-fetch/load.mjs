// Tells when undici is loaded, and what it leaves of the runtime's own fetch. Takes the origin of a server.
import { createRequire } from 'node:module';
import { guardedFetch } from '../../dist/index.js';

const [origin] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const isLoaded = () => Object.keys(require.cache).some((path) => path.includes('/undici/'));

const imported = isLoaded();
const fetch = guardedFetch({ allowedOrigins: [origin] });
const made = isLoaded();
const text = await (await fetch(origin)).text();
const requested = isLoaded();
const { Agent } = await import('undici');
const dispatcher = globalThis[Symbol.for('undici.globalDispatcher.1')];
const globalText = await (await globalThis.fetch(origin)).text();
await fetch.close();
console.log(
  JSON.stringify({
    imported,
    made,
    requested,
    text,
    globalText,
    isGlobalReplaced: dispatcher instanceof Agent,
  }),
);
process.exit();
