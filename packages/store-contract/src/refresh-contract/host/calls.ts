import { setTimeout as delay } from 'node:timers/promises';
import { OAuthClientError } from '@mcp-oauth/core';
import type { AnyOAuthClientError, OAuthSession, TokenStore } from '@mcp-oauth/core';
import { fingerprint, hostClient, hostSession } from './host-client.js';
import type { HostSettings } from './host-client.js';

/** Plain JSON, as it goes to another process. */
export interface CallsInput extends HostSettings {
  readonly owners: readonly string[];
  /** How many call at the same time, for each owner. */
  readonly callers: number;
  /** An owner is done when the token set of this generation is in use. Without it: when a login is required. */
  readonly untilGeneration?: number;
  readonly atMostMs: number;
}

export interface CallFailure {
  readonly owner: string;
  /** The `code` of the error, or `other`. */
  readonly code: string;
  readonly message: string;
}

/** How one owner's calls ended. */
export interface OwnerOutcome {
  readonly end: 'done' | 'login_required' | 'unfinished';
  /** Of the token set that was in use at the end, where there was one. */
  readonly generation?: number;
  readonly token?: string;
}

export interface CallsReport {
  readonly calls: number;
  readonly failed: number;
  /** The first of them. */
  readonly failures: readonly CallFailure[];
  readonly owners: Readonly<Record<string, OwnerOutcome>>;
}

const PAUSE_MS = 40;
const MAX_FAILURES = 500;

/** Calls for all owners side by side, as the tools of a busy host do, again and again. */
export async function callRepeatedly(store: TokenStore, input: CallsInput): Promise<CallsReport> {
  const oauth = hostClient(store, input);
  const calls = new Calls(input);
  try {
    const outcomes = await Promise.all(
      input.owners.map(async (owner): Promise<readonly [string, OwnerOutcome]> => {
        return [owner, await calls.of(owner, hostSession(oauth, input, owner))];
      }),
    );
    const { made, failed, failures } = calls;
    return { calls: made, failed, failures, owners: Object.fromEntries(outcomes) };
  } finally {
    await oauth.close();
  }
}

class Calls {
  made = 0;
  failed = 0;
  readonly failures: CallFailure[] = [];
  readonly #input: CallsInput;
  readonly #until: number;

  constructor(input: CallsInput) {
    this.#input = input;
    this.#until = performance.now() + input.atMostMs;
  }

  async of(owner: string, session: OAuthSession): Promise<OwnerOutcome> {
    const { callers, untilGeneration = Infinity } = this.#input;
    let last: Omit<OwnerOutcome, 'end'> = {};
    while (performance.now() < this.#until) {
      const burst = Array.from({ length: callers }, () => this.#call(owner, session));
      const codes = await Promise.all(burst);
      if (codes.includes('authorization_required')) return { ...last, end: 'login_required' };
      const current = await attempt(() => session.currentToken());
      if ('value' in current) {
        const { generation, access_token } = current.value;
        last = { generation, token: fingerprint(access_token) };
        if (generation >= untilGeneration) return { ...last, end: 'done' };
      }
      await delay(PAUSE_MS);
    }
    return { ...last, end: 'unfinished' };
  }

  /** Resolves with the code of the failure, if it was one. */
  async #call(owner: string, session: OAuthSession): Promise<string | undefined> {
    this.made += 1;
    const outcome = await attempt(() => callResource(session, this.#input.resource));
    if ('value' in outcome) return undefined;
    this.failed += 1;
    if (this.failures.length < MAX_FAILURES) this.failures.push({ owner, ...outcome });
    return outcome.code;
  }
}

/** A POST, as a GET hands a refusal back as a response. */
async function callResource(session: OAuthSession, resource: string): Promise<void> {
  const response = await session.fetch(resource, { method: 'POST', body: '{}' });
  await response.body?.cancel();
  if (!response.ok) throw new UnexpectedAnswer(response.status);
}

class UnexpectedAnswer extends Error {
  constructor(status: number) {
    super(`The protected resource answered with status ${status}.`);
  }
}

type Attempt<Value> = { readonly value: Value } | { readonly code: string; readonly message: string };

/** What fails is what is tested for, whatever it is: all of it goes into the report. */
async function attempt<Value>(work: () => Promise<Value>): Promise<Attempt<Value>> {
  try {
    return { value: await work() };
  } catch (error) {
    const code = error instanceof OAuthClientError ? (error as AnyOAuthClientError).code : 'other';
    return { code, message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}
