/** More servers than one client has to do with at a time. */
const MAX_ORIGINS = 200;
const NONCE = /^[\x21\x23-\x5b\x5d-\x7e]{1,1024}$/;

/** The nonces that servers want in the next proof (RFC 9449 sections 8 and 9): the last one of each origin. */
export class DpopNonces {
  readonly #nonces = new Map<string, string>();

  of(url: string | URL): string | undefined {
    return this.#nonces.get(new URL(url).origin);
  }

  /** Any answer may bring the next one (section 8.2). Resolves with what this one brought. */
  observe(url: string | URL, headers: Headers): string | undefined {
    const nonce = headers.get('dpop-nonce');
    if (nonce === null || !NONCE.test(nonce)) return undefined;
    const { origin } = new URL(url);
    this.#nonces.delete(origin);
    this.#nonces.set(origin, nonce);
    const [oldest] = this.#nonces.keys();
    if (this.#nonces.size > MAX_ORIGINS && oldest !== undefined) this.#nonces.delete(oldest);
    return nonce;
  }
}
