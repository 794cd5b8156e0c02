import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startOidcProvider } from '@mcp-oauth/e2e';
import { Scene } from './scene.js';

const page = new URL('../../../docs/client-metadata-document.md', import.meta.url);
/** Where packages are found, and nobody looks for sources. */
const inPackage = fileURLToPath(new URL('../../dist/page-', import.meta.url));

/** Asks the server of the page for its document. */
const asked = `
import { once } from 'node:events';
import { server } from './serve.js';
import { document } from './client-metadata.js';
await once(server.listen(0, '127.0.0.1'), 'listening');
const origin = 'http://127.0.0.1:' + server.address().port;
const answer = await fetch(origin + new URL(document.client_id).pathname);
const missing = await fetch(origin + '/other');
console.log(JSON.stringify({
  url: document.client_id,
  status: answer.status,
  type: answer.headers.get('content-type'),
  document: await answer.json(),
  missing: missing.status,
}));
server.close();
server.closeAllConnections();
`;

/** Logs in with the host of the page. */
const loggedIn = `
import { MemoryTokenStore } from '@mcp-oauth/core';
import { ScriptedBrowser } from '../index.js';
import { openHost } from './host.js';
const oauth = openHost(new MemoryTokenStore(), new ScriptedBrowser());
const session = oauth.session({ resource: process.argv[2] });
await session.authorize();
console.log(JSON.stringify(await session.status()));
await oauth.close();
`;

/** Puts the key of the page into its document and its host. */
const proving = `
import { clientMetadataDocument, createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import { client } from './client-metadata.js';
import { clientKey, jwks } from './key.js';
const document = clientMetadataDocument({
  url: 'https://host.example/oauth/client.json', client, redirectUris: ['https://host.example/cb'], jwks,
});
createOAuthClient({ store: new MemoryTokenStore(), client, clientMetadataDocument: document, clientKey });
console.log(JSON.stringify(document));
`;

let scene: Scene;
let folder: string;

beforeEach(async () => {
  scene = new Scene();
  await mkdir(dirname(inPackage), { recursive: true });
  folder = await mkdtemp(inPackage);
  const markdown = await readFile(page, 'utf8');
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  for (const [, name = '', content = ''] of markdown.matchAll(/^```js (\S+)\n(.*?)^```$/gms)) {
    await writeFile(join(folder, name), content);
  }
});
afterEach(async () => {
  await scene.close();
  await rm(folder, { recursive: true, force: true });
});

async function run(script: string, ...words: readonly string[]): Promise<Record<string, unknown>> {
  const file = join(folder, 'of-the-test.js');
  await writeFile(file, script);
  const { stdout } = await promisify(execFile)(process.execPath, [file, ...words], { cwd: folder });
  return JSON.parse(stdout) as Record<string, unknown>;
}

test('whoever follows the page serves a document with which its host can log in', async () => {
  const served = await run(asked);
  expect(served).toMatchObject({ status: 200, type: 'application/json', missing: 404 });
  const url = String(served['url']);
  expect(served['document']).toMatchObject({ client_id: url, client_name: 'Example host' });
  const clientMetadataDocuments = { [url]: served['document'] as object };
  const as = scene.keep(await startOidcProvider({ clientMetadataDocuments }));
  const mcp = await scene.mcpServer(as);
  expect(await run(loggedIn, mcp.url.href)).toMatchObject({ state: 'logged_in', clientId: url });
  expect(as.errors()).toEqual([]);
}, 40_000);

test('whoever follows the page to its end has a document with a public key, and a host with the private one', async () => {
  await promisify(execFile)(process.execPath, ['make-key.js'], { cwd: folder });
  const document = await run(proving);
  expect(document).toMatchObject({ token_endpoint_auth_method: 'private_key_jwt' });
  const { keys } = document['jwks'] as { keys: readonly JsonWebKey[] };
  expect(keys).toHaveLength(1);
  expect(keys[0]).toMatchObject({ kty: 'EC', kid: '2026-01', use: 'sig' });
  expect(keys[0]).not.toHaveProperty('d');
});
