import { expect, test } from '@jest/globals';
import { ISSUER, MachineServer, RESOURCE } from './machine-server.js';

const address = { resource: RESOURCE, owner: 'ann' };

function encoded(part: unknown): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function jwtFor(aud: unknown): string {
  return `${encoded({ alg: 'ES256' })}.${encoded({ iss: 'https://platform.example', aud })}.cnry-signature`;
}

function workload(server: MachineServer, assertion: string, issuer?: string) {
  const settings = { clientId: 'c', grant: { type: 'jwt_bearer', assertion: () => assertion } } as const;
  return server.oauth().session(address, { ...settings, issuer });
}

test.each([
  ['its issuer', ISSUER],
  ['its issuer with a slash', `${ISSUER}/`],
  ['its token endpoint', `${ISSUER}/token`],
  ['it among others', ['https://other.example', ISSUER]],
])('a JWT for %s is shown to an authorization server that nobody configured', async (_, aud) => {
  const server = new MachineServer();
  const assertion = jwtFor(aud);
  await workload(server, assertion).accessToken();
  expect(server.tokenRequests.map(({ form }) => form.get('assertion'))).toEqual([assertion]);
});

test.each([
  ['for another server', jwtFor('https://good.example')],
  ['for nobody', jwtFor(undefined)],
  ['whose audience is no text', jwtFor([{ url: ISSUER }, 7])],
  ['for a server whose name begins alike', jwtFor(`${ISSUER}.evil.example`)],
  ['that nobody can read', 'a.b.c.d.e'],
])('a JWT %s is not shown to a server that an MCP server named, and the error says why', async (_, jwt) => {
  const server = new MachineServer();
  const error: unknown = await workload(server, jwt)
    .accessToken()
    .catch((failure: unknown) => failure);
  expect(error).toMatchObject({
    code: 'invalid_config',
    message: expect.stringMatching(
      /audience \(aud\) is not https:\/\/as\.example.*configure it as the issuer/,
    ),
  });
  expect(String(error)).not.toContain(jwt);
  expect(server.tokenRequests).toEqual([]);
});

test('a configured issuer gets the JWT that the host has for it, whatever it names', async () => {
  const server = new MachineServer();
  await workload(server, jwtFor('api://token-exchange'), ISSUER).accessToken();
  expect(server.tokenRequests).toHaveLength(1);
});
