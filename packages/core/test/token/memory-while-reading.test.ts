import { expect, test } from '@jest/globals';
import { AuthorizationRequiredError } from '@mcp-oauth/core';
import { processOf, SlowStore } from '../authorization/two-processes.js';
import type { Process } from '../authorization/two-processes.js';
import { MachineServer } from '../machine-login/machine-server.js';

/** What happens in a process while a call of it reads the token that another one got. */
async function whileReading(what: (process: Process) => Promise<unknown>) {
  const server = new MachineServer();
  const slow = new SlowStore(server.store);
  const [process, other] = [processOf(server, { store: slow }), processOf(server)];
  await (
    await other.begin()
  )();
  await process.session.status();
  slow.slowRead(1, () => what(process));
  await process.session.accessToken();
  return { process, server };
}

test.each([
  ['a logout', ({ session }: Process) => session.revoke()],
  ['forgetting the person', ({ oauth }: Process) => oauth.forgetOwner({ owner: 'ann' })],
])('%s is not undone by a read that began before', async (_, what) => {
  const { process } = await whileReading(what);
  await expect(process.session.accessToken()).rejects.toThrow(AuthorizationRequiredError);
});

test('a login is not undone by a read that began before', async () => {
  const { process, server } = await whileReading(async ({ begin }) => (await begin())());
  const { grantId } = await process.session.currentToken();
  expect((await processOf(server).session.currentToken()).grantId).toBe(grantId);
});
