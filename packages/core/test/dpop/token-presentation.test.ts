import { beforeEach, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { Grant } from '../../src/credentials/credentials.js';
import { Dpop } from '../../src/dpop/dpop.js';
import { ProofSequence } from '../../src/dpop/proof-sequence.js';
import { sendWithToken } from '../../src/resource/token-presentation.js';
import { systemClock } from '../../src/time/clock.js';

const resource = 'https://mcp.example/mcp';
const url = new URL(resource);

interface Sent {
  readonly headers: Headers;
  readonly body: RequestInit['body'];
}

let dpop: Dpop;
let sent: Sent[];
let answers: Response[];

beforeEach(() => {
  dpop = new Dpop(systemClock(), undefined);
  sent = [];
  answers = [];
});

const fetch = (_: string | URL, init: RequestInit = {}): Promise<Response> => {
  sent.push({ headers: new Headers(init.headers), body: init.body });
  return Promise.resolve(answers.shift() ?? new Response('ok'));
};

function refusal(error: string, nonce?: string): Response {
  const headers = new Headers({ 'www-authenticate': `DPoP error="${error}", algs="ES256"` });
  if (nonce !== undefined) headers.set('dpop-nonce', nonce);
  return new Response('no', { status: 401, headers });
}

async function grantOf(token_type: 'Bearer' | 'DPoP'): Promise<Grant> {
  const binding = await dpop.binding({
    resource,
    challenge: { dpop: { isOnly: false } },
    discovered: {
      server: {
        issuer: 'https://as.example',
        token_endpoint: 'https://as.example/token',
        dpop_signing_alg_values_supported: ['ES256'],
        client_id_metadata_document_supported: false,
        authorization_response_iss_parameter_supported: false,
      },
    },
    canProve: true,
  });
  return {
    grantId: 'grant',
    generation: 1,
    status: 'active',
    server: { issuer: 'https://as.example', token_endpoint: 'https://as.example/token' },
    client: { client_id: 'client' },
    tokens: { access_token: 'token', token_type, issued_at: 0 },
    dpop: binding,
  };
}

const bringing = (nonce: string): Response => new Response('', { headers: { 'dpop-nonce': nonce } });

const send = async (grant: Grant | undefined, init: RequestInit = { method: 'POST', body: '{}' }) =>
  sendWithToken(fetch, url, init, { grant, dpop, resource });

const nonces = () => sent.map(({ headers }) => decodeJwt(headers.get('dpop') ?? '')['nonce']);

test('a bearer token goes without a proof, also where its grant has a key', async () => {
  await send(await grantOf('Bearer'));
  expect(sent[0]?.headers.get('authorization')).toBe('Bearer token');
  expect(sent[0]?.headers.has('dpop')).toBe(false);
});

test('what the caller put into the headers of a token is replaced, and a proof without a token is dropped', async () => {
  const init = { method: 'POST', headers: { authorization: 'Bearer other', DPoP: 'other', accept: 'a/b' } };
  await send(await grantOf('DPoP'), init);
  await send(undefined, init);
  expect(sent[0]?.headers.get('authorization')).toBe('DPoP token');
  expect(sent[0]?.headers.get('dpop')).not.toContain('other');
  expect(sent[0]?.headers.get('accept')).toBe('a/b');
  expect(sent[1]?.headers.has('dpop')).toBe(false);
});

test('a wanted nonce is put into a new proof, sent once more, and used in the next request', async () => {
  const grant = await grantOf('DPoP');
  answers = [refusal('use_dpop_nonce', 'first'), new Response('ok', { headers: { 'dpop-nonce': 'next' } })];
  expect(await (await send(grant)).text()).toBe('ok');
  await send(grant);
  expect(nonces()).toEqual([undefined, 'first', 'next']);
  expect(sent.map(({ body }) => body)).toEqual(['{}', '{}', '{}']);
  expect(new Set(sent.map(({ headers }) => decodeJwt(headers.get('dpop') ?? '').jti)).size).toBe(3);
});

test('the repetition carries the nonce of its own answer, whatever others have been told meanwhile', async () => {
  const { dpop: binding } = await grantOf('DPoP');
  if (!binding) throw new Error('There is no key.');
  const [mine, others] = [await dpop.prover(binding, resource), await dpop.prover(binding, resource)];
  const proofs = new ProofSequence(mine);
  others.observeNonce(url, bringing('of-others'));
  expect(decodeJwt(await proofs.next('POST', url))['nonce']).toBe('of-others');
  proofs.observe(url, bringing('mine'));
  others.observeNonce(url, bringing('of-others-again'));
  expect(decodeJwt(await proofs.next('POST', url))['nonce']).toBe('mine');
});

test.each([
  ['names no nonce', refusal('use_dpop_nonce')],
  ['refuses the proof', refusal('invalid_dpop_proof', 'n')],
])('A91: where the server %s, nothing is sent again and the token counts as untouched', async (_, answer) => {
  answers = [answer];
  await expect(send(await grantOf('DPoP'))).rejects.toMatchObject({ code: 'transient', grantKept: true });
  expect(sent).toHaveLength(1);
});

test('A91: where the server wants another nonce each time, it is asked twice', async () => {
  answers = ['a', 'b', 'c'].map((nonce) => refusal('use_dpop_nonce', nonce));
  await expect(send(await grantOf('DPoP'))).rejects.toMatchObject({ code: 'transient' });
  expect(sent).toHaveLength(2);
});

test('a body that has been read is not sent again, and the next call has the nonce', async () => {
  const grant = await grantOf('DPoP');
  answers = [refusal('use_dpop_nonce', 'n')];
  const body = new ReadableStream({ start: (controller) => controller.close() });
  await expect(send(grant, { method: 'POST', body })).rejects.toMatchObject({ code: 'transient' });
  await send(grant);
  expect(nonces()).toEqual([undefined, 'n']);
});

test.each(['invalid_token', 'insufficient_scope'])(
  'a 401 with %s is the caller’s to judge',
  async (error) => {
    answers = [refusal(error, 'n')];
    const response = await send(await grantOf('DPoP'));
    expect(response.status).toBe(401);
    expect(await response.text()).toBe('no');
    expect(sent).toHaveLength(1);
  },
);

test('redirects and streams are handed back untouched', async () => {
  const stream = new Response(new ReadableStream(), { status: 307, headers: { location: '/elsewhere' } });
  answers = [stream];
  expect(await send(await grantOf('DPoP'), { method: 'GET', redirect: 'manual' })).toBe(stream);
  expect(stream.bodyUsed).toBe(false);
});
