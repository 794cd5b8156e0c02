import { createHash, randomBytes } from 'node:crypto';

/** Who the person is that consents, in a request to the authorization endpoint. There is no page to click on. */
export const personHeader = 'x-person';

interface IssuedCode {
  readonly person: string;
  readonly redirectUri: string;
  readonly challenge: string;
}

/** The authorization endpoint (RFC 6749 section 4.1.1 with PKCE), at which everybody consents at once. */
export class AuthorizationCodes {
  readonly #issuer: string;
  readonly #clientId: string;
  readonly #codes = new Map<string, IssuedCode>();

  constructor(issuer: string, clientId: string) {
    this.#issuer = issuer;
    this.#clientId = clientId;
  }

  /** Where to send the browser, or `undefined` for a request that is none. */
  consent(parameters: URLSearchParams, person: string): URL | undefined {
    const redirectUri = parameters.get('redirect_uri');
    const state = parameters.get('state');
    const challenge = parameters.get('code_challenge');
    const fits =
      parameters.get('client_id') === this.#clientId &&
      parameters.get('response_type') === 'code' &&
      parameters.get('code_challenge_method') === 'S256';
    if (!fits || redirectUri === null || state === null || challenge === null) return undefined;
    const code = randomBytes(24).toString('base64url');
    this.#codes.set(code, { person, redirectUri, challenge });
    const back = new URL(redirectUri);
    back.searchParams.set('code', code);
    back.searchParams.set('state', state);
    back.searchParams.set('iss', this.#issuer);
    return back;
  }

  /** Who logged in with this code, once. */
  redeem(form: URLSearchParams): string | undefined {
    const code = form.get('code') ?? '';
    const issued = this.#codes.get(code);
    if (!issued) return undefined;
    this.#codes.delete(code);
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const fits =
      form.get('client_id') === this.#clientId &&
      form.get('redirect_uri') === issued.redirectUri &&
      challenge === issued.challenge;
    return fits ? issued.person : undefined;
  }
}
