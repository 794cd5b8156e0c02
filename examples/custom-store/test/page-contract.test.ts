import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { refreshContract, storeContract } from '@mcp-oauth/store-contract';

const page = new URL('../../../docs/writing-a-token-store.md', import.meta.url);
/** Where packages are found, and nobody looks for sources. */
const inPackage = fileURLToPath(new URL('../dist/page-', import.meta.url));

/** The blocks of the page that are files, by their names. */
function filesOf(markdown: string): ReadonlyMap<string, string> {
  const blocks = markdown.matchAll(/^```js (\S+)\n(.*?)^```$/gms);
  return new Map(Array.from(blocks, ([, name = '', content = '']) => [name, content]));
}

test('whoever follows the page gets a store that passes both contracts, file by file as it is written', async () => {
  const markdown = await readFile(page, 'utf8');
  const files = filesOf(markdown);
  const [, command = ''] = /^```sh\nnode (--test .*)\n```$/m.exec(markdown) ?? [];
  expect(command).not.toBe('');
  await mkdir(dirname(inPackage), { recursive: true });
  const folder = await mkdtemp(inPackage);
  try {
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    for (const [name, content] of files) await writeFile(join(folder, name), content);
    const { stdout } = await promisify(execFile)(process.execPath, command.split(' '), { cwd: folder }).catch(
      (error: unknown) => error as { readonly stdout: string },
    );
    const failed = stdout.split('\n').filter((line) => /^\s*(not ok|error:)/.test(line));
    expect(failed).toEqual([]);
    const harness = { scope: 'shared', open: () => Promise.reject(new Error('not here')) } as never;
    const count = storeContract(harness).length + refreshContract(harness).length;
    expect(stdout).toContain(`# pass ${String(count)}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 400_000);
