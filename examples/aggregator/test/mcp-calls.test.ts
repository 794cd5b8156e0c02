import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { troubleOf } from '../src/trouble/trouble-of.js';
import { hostileServer } from './support/hostile.js';
import { startHostileMcpServer } from './support/hostile-mcp-server.js';
import type { HostileMcpServer } from './support/hostile-mcp-server.js';

let server: HostileMcpServer;

beforeAll(async () => {
  server = await startHostileMcpServer();
});
afterAll(() => server.close());

const connected: HostileMcpServer['calls']['connected'] = (target, body) =>
  server.calls.connected(target, body);
const target = () => ({ owner: 'ada', server: hostileServer, signal: new AbortController().signal });
const call = () =>
  connected(target(), async (connection) => {
    await connection.tools();
    return await connection.call('tool', {});
  });
const toldOf = (doing: Promise<unknown>) =>
  doing.then(
    () => undefined,
    (error: unknown) => troubleOf(error),
  );

test('tools whose names can not stand in an address are left out, and the others are listed', async () => {
  const names = ['"ok"', '"\\ud800"', '"a\\udc00b"', '"\\ud83d\\ude00"', '""', '"."', '".."', '"..."'];
  server.tools = `[${names.map((name) => `{"name": ${name}, "inputSchema": {"type": "object"}}`).join()}]`;
  const tools = await connected(target(), (connection) => connection.tools());
  expect(tools.map(({ name }) => name)).toEqual(['ok', '\u{1f600}', '...']);
});

test('an answer that lacks what the schema of the tool promises is an answer', async () => {
  server.tools = '[{"name": "tool", "inputSchema": {"type": "object"}, "outputSchema": {"type": "object"}}]';
  server.onCall = (_, answer) => answer('{"content": [{"type": "text", "text": "done"}]}');
  expect(await call()).toMatchObject({ content: [{ type: 'text', text: 'done' }] });
});

const mayBeDone = 'What was asked for may have been done.';

test('a connection that is cut during a call, and an answer that is none, say that the call may have been done', async () => {
  server.onCall = (response) => response.destroy();
  expect(await toldOf(call())).toMatchObject({
    what: expect.stringContaining(mayBeDone),
    advice: 'Look whether it was before you try again.',
  });
  server.onCall = (response) => response.writeHead(500).end();
  expect(await toldOf(call())).toMatchObject({ what: expect.stringContaining(mayBeDone) });
  server.onCall = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>');
  expect(await toldOf(call())).toMatchObject({
    title: 'This server can not be used',
    what: expect.stringContaining(mayBeDone),
  });
});

test('where no tool was called, nothing may have been done', async () => {
  server.tools = '{}';
  const told = await toldOf(connected(target(), (connection) => connection.tools()));
  expect(told?.what).toEqual(expect.not.stringContaining(mayBeDone));
});
