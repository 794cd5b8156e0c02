// Plays the servers of a small public Internet and what lies behind a host, and asks them. Takes a folder with
// certificates and with the hosts file of this network. Prints what came of each question.
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createWebServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { guardedFetch } from '../../dist/index.js';

const [folder] = process.argv.slice(2);
const [publicAddress, otherAddress, publicAddress6] = ['93.184.216.34', '93.184.216.36', '2606:4700::1111'];
const nobody = '93.184.216.35';

function resolveTo(...entries) {
  writeFileSync(
    join(folder, 'hosts'),
    entries.map(([name, address]) => `${address} ${name}.example\n`).join(''),
  );
}

const counts = { inside: 0, plain: 0, proxy: 0, other: 0 };
const count = (what) => () => counts[what]++;

async function listen(server, host, port) {
  server.listen({ host, port });
  await once(server, 'listening');
}

function answer(request, response) {
  const { url, headers, method } = request;
  const [, to] = /^\/to\/(.*)/.exec(url) ?? [];
  response.setHeader('connection', 'close');
  if (to !== undefined) {
    response.writeHead(method === 'POST' ? 307 : 302, { location: decodeURIComponent(to) }).end();
  } else response.end(JSON.stringify({ at: request.socket.localAddress, host: headers.host, headers }));
}

const secure = { cert: readFileSync(join(folder, 'cert.pem')), key: readFileSync(join(folder, 'key.pem')) };
await listen(createSecureServer(secure, answer), publicAddress, 443);
await listen(createSecureServer(secure, answer), publicAddress6, 443);
await listen(createSecureServer(secure, answer).on('connection', count('other')), otherAddress, 443);
await listen(createWebServer(answer).on('connection', count('plain')), publicAddress, 80);
for (const inside of ['127.0.0.1', '::1', '10.0.0.5'])
  await listen(createServer((socket) => socket.destroy()).on('connection', count('inside')), inside, 443);
await listen(createServer((socket) => socket.destroy()).on('connection', count('proxy')), '127.0.0.1', 3128);

async function ask(url, init, options) {
  const fetch = guardedFetch(options);
  try {
    return await (await fetch(url, init)).json();
  } catch (error) {
    return { error: error.code ?? error.name, cause: error.cause?.code, field: error.field };
  } finally {
    await fetch.close();
  }
}

const to = (url) => `https://public.example/to/${encodeURIComponent(url)}`;
const headers = { authorization: 'Bearer cnry', 'x-api-key': 'cnry', 'mcp-session-id': 'cnry' };
const post = { method: 'POST', body: 'refresh_token=cnry', headers };

resolveTo(
  ['public', publicAddress],
  ['other', otherAddress],
  ['six', publicAddress6],
  ['two', nobody],
  ['two', publicAddress],
  ['mixed', publicAddress],
  ['mixed', '10.0.0.5'],
  ['inside', '10.0.0.5'],
  ['unnamed', publicAddress],
);
const results = {
  byName: await ask('https://public.example/', { headers }),
  bySix: await ask('https://six.example/'),
  bySecondAddress: await ask('https://two.example/'),
  byAddress: await ask(`https://${publicAddress}/`),
  foreignName: await ask('https://unnamed.example/'),
  plain: await ask('http://public.example/'),
  inside: await ask('https://inside.example/'),
  mixed: await ask('https://mixed.example/'),
  redirectInside: await ask(to('https://127.0.0.1/')),
  redirectMetadata: await ask(to('http://169.254.169.254/latest/meta-data/')),
  redirectInsideByName: await ask(to('https://inside.example/')),
  redirectPlain: await ask(to('http://public.example/')),
  redirectToAllowedPlain: await ask(
    to('http://public.example/'),
    {},
    { allowedOrigins: ['http://public.example'] },
  ),
};
results.postElsewhere = await ask(to('https://other.example/'), post);
results.otherAfterPost = counts.other;
results.redirectOther = await ask(to('https://other.example/'), { headers });

process.env.HTTPS_PROXY = process.env.https_proxy = process.env.ALL_PROXY = 'http://127.0.0.1:3128';
process.env.NODE_USE_ENV_PROXY = '1';
results.besideProxy = await ask('https://public.example/');

const lookups = [];
const rebinding = guardedFetch({
  lookup: async (hostname) => {
    lookups.push(hostname);
    return lookups.length === 1 ? [publicAddress] : ['127.0.0.1'];
  },
});
results.beforeRebinding = await (await rebinding('https://rebound.example/')).json();
results.lookupsBeforeRebinding = lookups.length;
results.afterRebinding = await rebinding('https://rebound.example/').catch(({ code }) => ({ error: code }));
await rebinding.close();

resolveTo(['rebound', publicAddress]);
const rebound = guardedFetch();
results.beforeRebindingOfHosts = await (await rebound('https://rebound.example/')).json();
resolveTo(['rebound', '127.0.0.1']);
results.afterRebindingOfHosts = await rebound('https://rebound.example/').catch(({ code }) => ({
  error: code,
}));
await rebound.close();

console.log(JSON.stringify({ ...results, counts }));
process.exit();
