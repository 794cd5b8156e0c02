import type { Grant } from '../credentials/credentials.js';
import { challengeOf } from '../discovery/challenge.js';
import type { Dpop } from '../dpop/dpop.js';
import { ProofSequence } from '../dpop/proof-sequence.js';
import { TransientError } from '../errors.js';
import type { FetchLike } from '../http/bounded-request.js';
import { discardBody } from '../http/unread-body.js';

export interface TokenPresentation {
  /** Whose token goes with the request; none does without. */
  readonly grant: Grant | undefined;
  readonly dpop: Dpop;
  readonly resource: string;
}

/**
 * Sends a request with the token of a grant, as its type says: RFC 6750 section 2.1, or RFC 9449 section 7.1 with a
 * proof of its own. The answer is handed back untouched, but for one that says nothing of the token: that the proof
 * lacks the server's nonce (then it is sent again), or is no good.
 *
 * @throws {TransientError} the server accepts no proof now. The token may be as good as ever.
 * @throws {AuthorizationRequiredError | StoreError} the key that the token is bound to is not here, or damaged.
 */
export async function sendWithToken(
  fetch: FetchLike,
  url: URL,
  init: RequestInit,
  { grant, dpop, resource }: TokenPresentation,
): Promise<Response> {
  const headers = new Headers(init.headers);
  // Neither may come from a caller who means another token.
  headers.delete('dpop');
  if (!grant) return await fetch(url, { ...init, headers });
  const { access_token, token_type } = grant.tokens;
  headers.set('authorization', `${token_type} ${access_token}`);
  if (token_type === 'Bearer' || !grant.dpop) return await fetch(url, { ...init, headers });
  const proofs = new ProofSequence(await dpop.prover(grant.dpop, resource));
  const method = (init.method ?? 'GET').toUpperCase();
  const send = async (): Promise<Response> => {
    headers.set('dpop', await proofs.next(method, url, access_token));
    const response = await fetch(url, { ...init, headers: new Headers(headers) });
    proofs.observe(url, response);
    return response;
  };
  const response = await send();
  const problem = await proofProblem(response);
  if (problem === undefined) return response;
  await discardBody(response);
  const isRetried = problem === 'use_dpop_nonce' && proofs.nonce !== undefined && isReplayable(init.body);
  if (!isRetried) throw notAccepted(resource, problem);
  const again = await send();
  const next = await proofProblem(again);
  if (next === undefined) return again;
  await discardBody(again);
  throw notAccepted(resource, next);
}

type ProofProblem = 'use_dpop_nonce' | 'invalid_dpop_proof';

/** What is wrong with the proof, where a 401 is about that and not about the token. */
async function proofProblem(response: Response): Promise<ProofProblem | undefined> {
  if (response.status !== 401) return undefined;
  const { error, dpop } = await challengeOf(response);
  return dpop && (error === 'use_dpop_nonce' || error === 'invalid_dpop_proof') ? error : undefined;
}

/** A stream has been read by the first request. */
export function isReplayable(body: RequestInit['body']): boolean {
  return (
    typeof body !== 'object' || !(body instanceof ReadableStream || Symbol.asyncIterator in (body ?? {}))
  );
}

function notAccepted(resource: string, problem: ProofProblem): TransientError {
  return new TransientError(
    problem === 'use_dpop_nonce'
      ? `${resource} wants another nonce in the proof of possession (DPoP). Try again.`
      : `${resource} does not accept the proof of possession (DPoP). If that persists, compare the clock of this machine.`,
  );
}
