import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { startMcpServer, startStrictAuthorizationServer, withWorkers } from '@mcp-oauth/e2e';

const FIRST_TOKEN_SECONDS = 2;

test.each([
  ['full', 'file'],
  ['full', 'sqlite'],
  // No file system that has a file open for writing can be made read-only, so SQLite does not meet this one.
  ['read_only', 'file'],
] as const)(
  'B07, B08, B10: on a disk that gets %s under a %s store nothing is spent in vain and no renewed grant is lost',
  async (trouble, scheme) => {
    const server = await startStrictAuthorizationServer({
      tokenResponse: (response, { generation }) =>
        generation === 1 ? { ...response, expires_in: FIRST_TOKEN_SECONDS } : response,
    });
    const mcp = await startMcpServer({ authorizationServers: [server] });
    const mount = await mkdtemp(join(tmpdir(), 'mcp-oauth-disk-'));
    const path = join(mount, scheme === 'file' ? 'store' : 'tokens.db');
    const input = {
      mount,
      address: `${scheme}:${path}`,
      resource: mcp.url.href,
      trouble,
      firstTokenSeconds: FIRST_TOKEN_SECONDS,
    };
    const module = new URL('disk-worker.mjs', import.meta.url);
    try {
      const report = await withWorkers(
        { module, count: 1, input: () => input, ownMounts: true },
        async ([worker]) => {
          await worker!.next();
          // B07: the intent could not be written, so nothing was sent.
          expect(server.families()[0]?.refreshes).toEqual([]);
          worker!.send('go on');
          return worker!.result();
        },
      );
      expect(report).toMatchObject({
        servedOld: true,
        refused: {
          code: 'store_failed',
          kind: trouble,
          message: expect.stringContaining('No stored record was lost'),
        },
        renewed: true,
        usedFromMemory: true,
        loud: expect.arrayContaining([{ type: 'store_trouble', kind: trouble, unsaved: true }]),
        onDisk: { state: 'logged_in', generation: 1 },
        afterwards: { state: 'logged_in', generation: 2 },
        sharedWithNeighbour: true,
      });
      expect(server.families()).toMatchObject([{ revoked: undefined, refreshes: [{ outcome: 'rotated' }] }]);
    } finally {
      await mcp.close();
      await server.close();
      await rm(mount, { recursive: true, force: true });
    }
  },
  40_000,
);
