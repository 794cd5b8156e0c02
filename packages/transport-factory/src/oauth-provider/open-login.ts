import { CallbackRejectedError, TokenRequestError } from '@mcp-oauth/core';
import type { DelegatedAuthorization } from '@mcp-oauth/core';

/** As long as the flow's record is kept. */
const LIFETIME_MS = 10 * 60_000;
/** A person who has closed the tab is shown it again when they try once more, and no burst of calls opens two. */
const SHOWN_AGAIN_MS = 60_000;
/** As long as the token request may take that an answered login goes on with. The SDK does not tell that one failed. */
const ANSWERED_MS = 30_000;

/** The login of one provider that is under way: one at a time, for all callers. */
export class OpenLogin {
  readonly #monotonic: () => number;
  #begun: Promise<DelegatedAuthorization> | undefined;
  #beganAt = -Infinity;
  #flow: DelegatedAuthorization | undefined;
  #shownAt: number | undefined;
  /** When its one code was given out. */
  #answeredAt: number | undefined;
  #isChecked = false;
  #refusal: TokenRequestError | undefined;

  /** @param monotonic Milliseconds of a clock that only goes on. */
  constructor(monotonic: () => number = () => performance.now()) {
    this.#monotonic = monotonic;
  }

  /** Whether its callback, or the end of its token request, may still come. */
  get isOpen(): boolean {
    const now = this.#monotonic();
    const isAnswered = this.#answeredAt !== undefined && now - this.#answeredAt >= ANSWERED_MS;
    return this.#begun !== undefined && now - this.#beganAt < LIFETIME_MS && !isAnswered;
  }

  get flow(): DelegatedAuthorization | undefined {
    return this.#flow;
  }

  /** Whether the response was checked here, so that the SDK, which gets a bare code, need not miss its `iss`. */
  get isChecked(): boolean {
    return this.#isChecked;
  }

  /** The flow of the login that is open, else of a new one. */
  async join(begin: () => Promise<DelegatedAuthorization>): Promise<DelegatedAuthorization> {
    if (this.#begun && !this.isOpen) await this.end();
    this.#begun ??= this.#begin(begin);
    return await this.#begun;
  }

  /** Whether its page is to be shown now, which counts as done then. */
  takeShowing(): boolean {
    const now = this.#monotonic();
    if (this.#shownAt !== undefined && now - this.#shownAt < SHOWN_AGAIN_MS) return false;
    this.#shownAt = now;
    return true;
  }

  /**
   * The flow that a person was sent to.
   *
   * @throws {CallbackRejectedError} there is none any more.
   * @throws {TokenRequestError} the last one ended in a refusal, and the SDK tries it once more.
   */
  shown(): DelegatedAuthorization {
    if (this.#flow && this.#shownAt !== undefined) return this.#flow;
    throw this.#refusal ?? new CallbackRejectedError('unknown_flow');
  }

  checked(): void {
    this.#isChecked = true;
    this.#answeredAt = this.#monotonic();
  }

  /** @throws {CallbackRejectedError | TokenRequestError} there is none to give, or it was given already. */
  takeVerifier(): string {
    const verifier = this.shown().takeVerifier();
    this.#answeredAt = this.#monotonic();
    return verifier;
  }

  /** The token endpoint has refused the code, or the client. */
  async refused(what: 'client' | 'code'): Promise<void> {
    const flow = this.#flow;
    if (!flow || this.#shownAt === undefined) return;
    this.#refusal = new TokenRequestError(flow.discovered.server.issuer, `refused the ${what} of a login`);
    await this.end();
    if (what === 'client') await flow.clientRejected();
  }

  async end(): Promise<void> {
    const flow = this.#flow;
    this.#flow = undefined;
    this.#begun = undefined;
    this.#shownAt = undefined;
    this.#answeredAt = undefined;
    this.#isChecked = false;
    await flow?.close();
  }

  async #begin(begin: () => Promise<DelegatedAuthorization>): Promise<DelegatedAuthorization> {
    this.#beganAt = this.#monotonic();
    try {
      this.#flow = await begin();
      this.#refusal = undefined;
      return this.#flow;
    } catch (error) {
      this.#begun = undefined;
      throw error;
    }
  }
}
