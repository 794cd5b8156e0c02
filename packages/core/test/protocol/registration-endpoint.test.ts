import { expect, test } from '@jest/globals';
import { registerClient } from '../../src/protocol/registration-endpoint.js';
import { ScriptedFetch } from '../scripted-fetch.js';

const server = { issuer: 'https://as.example', registration_endpoint: 'https://as.example/register' };
const metadata = { client_name: 'Test host', redirect_uris: ['http://localhost:9876/callback'] };
const secret = 'cnry_secret_0123456789abcdef0123456789abcdef';

test.each([
  ['HTML with 200', 200, `<html>${secret}</html>`],
  ['HTML with 403', 403, `<html>${secret}</html>`],
  ['JSON that is cut short', 201, `{"client_id":"a","client_secret":"${secret}`],
])(
  'A23, A83: a registration answered by %s fails with its own error and repeats nothing',
  async (_n, status, body) => {
    const { http } = new ScriptedFetch({
      [server.registration_endpoint]: () => new Response(body, { status }),
    });
    const failure: unknown = await registerClient(http, server, metadata).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'registration_failed' });
    expect(String(failure)).toContain(`with status ${String(status)} is no registration`);
    expect(String((failure as Error).stack).includes(secret)).toBe(false);
  },
);
