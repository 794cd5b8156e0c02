// Reads an answer to its end or to its error, and tells how much memory that took. Takes a URL and options.
import { guardedFetch } from '../../dist/index.js';

const [url, options] = process.argv.slice(2);
const fetch = guardedFetch({ allowedOrigins: [new URL(url).origin], ...JSON.parse(options) });
await (await fetch(new URL('/small', url))).text();
globalThis.gc();

const before = process.memoryUsage.rss();
let [bytes, peak] = [0, before];
const code = await fetch(url)
  .then(async ({ body }) => {
    for await (const piece of body) {
      bytes += piece.byteLength;
      peak = Math.max(peak, process.memoryUsage.rss());
    }
  })
  .catch((error) => error.code);
console.log(JSON.stringify({ bytes, grownMiB: Math.round((peak - before) / 1_048_576), code }));
process.exit();
