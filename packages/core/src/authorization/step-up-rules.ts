import type { Credentials, Grant, StepUp } from '../credentials/credentials.js';
import type { StepUpExhaustedReason } from '../errors.js';
import { coversScope } from './scope.js';

/** How long a consent, and a no, is remembered. */
export const STEP_UP_WINDOW_MS = 10 * 60_000;
/** Logins and denials that calls of one session may have caused within that time. */
const MAX_ROUNDS = 3;
const MAX_SCOPES = 64;
const MAX_SCOPE_CHARACTERS = 256;
/** What the notes may take of the record that holds the refresh token: a server must not be able to fill it. */
const MAX_NOTES = 32;
const MAX_NOTED_CHARACTERS = 8_192;
/** Stands for a login that no call was refused before: no operation has this name. */
const NO_CALL = 'login';

/** A call that an MCP server refused for want of scopes (RFC 6750 section 3.1). */
export interface RefusedCall {
  /** Which call it was, as far as one consent is enough for all of its kind. */
  readonly operation: string;
  /** What the server asked for. */
  readonly scope: string | undefined;
}

/** `ask` a person may be asked for `scope`, and `noted` is to be stored first where it is there. */
export type StepUpVerdict =
  | { readonly kind: 'ask'; readonly scope: string; readonly noted?: StepUp }
  | {
      readonly kind: 'exhausted';
      readonly reason: StepUpExhaustedReason;
      /** Milliseconds; absent where time changes nothing. */
      readonly retryAfterMs?: number;
    };

/**
 * Whether a person may be asked for what a call lacked. One login for each operation, and three for each session, in
 * ten minutes: whoever asks for yet another scope after the person gave what was asked for gets nowhere. Until that
 * login has come, all calls of the operation are told the scope that was asked for first, so that a server which names
 * another one each time can't split one consent into many.
 */
export function judgeStepUp(
  { operation, scope }: RefusedCall,
  grant: Grant,
  known: readonly StepUp[],
  now: number,
): StepUpVerdict {
  if (scope === undefined) return { kind: 'exhausted', reason: 'unnamed' };
  if (coversScope(grant.tokens.scope, scope)) return { kind: 'exhausted', reason: 'already_granted' };
  const wanted = lacking(grant, scope);
  if (wanted === '') return { kind: 'exhausted', reason: 'unnamed' };
  const mine = known.filter((note) => note.operation === operation);
  const consented = mine.find((note) => hasBeenAsked(note, grant));
  if (consented) return exhausted('repeated', [consented], now);
  const denied = known.filter(
    (note) =>
      note.deniedAt !== undefined &&
      !coversScope(grant.tokens.scope, note.scope) &&
      (note.operation === operation || coversScope(note.scope, wanted)),
  );
  if (denied.length > 0) return exhausted('denied', denied, now);
  const open = mine.find(({ grantId }) => grantId === grant.grantId);
  const offered = union(grant.tokens.scope, open?.scope ?? wanted);
  if (open) return { kind: 'ask', scope: offered };
  const isFull =
    rounds(known, grant) >= MAX_ROUNDS ||
    known.length >= MAX_NOTES ||
    offered.split(' ').length > MAX_SCOPES ||
    notedCharacters(known) + wanted.length > MAX_NOTED_CHARACTERS;
  if (isFull) return exhausted('too_many', known, now);
  return {
    kind: 'ask',
    scope: offered,
    noted: { operation, scope: wanted, grantId: grant.grantId, at: now },
  };
}

/** The notes once a person has declined `requested`, or `undefined` where there is nothing to remember. */
export function withDenial(
  known: readonly StepUp[],
  requested: string,
  grant: Grant,
  now: number,
): readonly StepUp[] | undefined {
  const declined = lacking(grant, requested);
  if (declined === '') return undefined;
  const concerns = (note: StepUp): boolean =>
    note.grantId === grant.grantId && coversScope(declined, note.scope);
  if (known.some((note) => note.deniedAt !== undefined && coversScope(note.scope, declined)))
    return undefined;
  if (known.some(concerns)) {
    return known.map((note) => (concerns(note) ? { ...note, deniedAt: now } : note));
  }
  const isLong = declined.length > MAX_NOTED_CHARACTERS / 4;
  if (isLong || notedCharacters(known) + declined.length > MAX_NOTED_CHARACTERS) return undefined;
  return [
    ...known.slice(1 - MAX_NOTES),
    { operation: NO_CALL, scope: declined, grantId: grant.grantId, at: now, deniedAt: now },
  ];
}

/** Whether a person has declined all of `wanted` a while ago, and has not granted it since. */
export function isDeclined(wanted: string, grant: Grant, known: readonly StepUp[]): boolean {
  const missing = lacking(grant, wanted);
  const declined = known.flatMap(({ deniedAt, scope }) => (deniedAt === undefined ? [] : [scope]));
  return missing !== '' && coversScope(declined.join(' '), missing);
}

/** What calls of other processes, too, were told to ask for and nobody has been asked for yet. */
export function openScope(grant: Grant, known: readonly StepUp[]): string | undefined {
  const open = known.filter((note) => note.deniedAt === undefined && note.grantId === grant.grantId);
  const scopes = new Set(open.flatMap(({ scope }) => scope.split(' ')));
  return scopes.size === 0 || scopes.size > MAX_SCOPES ? undefined : [...scopes].join(' ');
}

/** Those notes that still count. One from the future was made by a clock that nobody should wait for. */
export function currentNotes(credentials: Credentials | undefined, now: number): readonly StepUp[] {
  const isCurrent = (at: number): boolean => Math.abs(now - at) < STEP_UP_WINDOW_MS;
  return credentials?.stepUps?.filter(({ at, deniedAt }) => isCurrent(deniedAt ?? at)) ?? [];
}

function union(granted: string | undefined, more: string | undefined): string {
  const scopes = [...(granted?.split(' ') ?? []), ...(more?.split(' ') ?? [])];
  return [...new Set(scopes)].filter((scope) => scope !== '').join(' ');
}

/** Whether a login since then asked for it, whatever was granted. */
function hasBeenAsked({ grantId, scope }: StepUp, grant: Grant): boolean {
  return grantId !== grant.grantId && coversScope(grant.requestedScope ?? grant.tokens.scope, scope);
}

/** Each login and each denial that followed a note. */
function rounds(known: readonly StepUp[], grant: Grant): number {
  const logins = new Set(known.map(({ grantId }) => grantId).filter((id) => id !== grant.grantId));
  const denials = new Set(known.flatMap(({ deniedAt }) => deniedAt ?? []));
  return logins.size + denials.size;
}

/** How many characters the notes hold already. */
function notedCharacters(known: readonly StepUp[]): number {
  return known.reduce((sum, { scope }) => sum + scope.length, 0);
}

/** What of `scope` the grant doesn't have and can be asked for. */
function lacking(grant: Grant, scope: string): string {
  const granted = new Set(grant.tokens.scope?.split(' '));
  const isWanted = (name: string): boolean =>
    name !== '' && name.length <= MAX_SCOPE_CHARACTERS && !granted.has(name);
  return [...new Set(scope.split(' '))].filter(isWanted).join(' ');
}

function exhausted(reason: StepUpExhaustedReason, because: readonly StepUp[], now: number): StepUpVerdict {
  const since = Math.max(...because.map(({ at, deniedAt }) => deniedAt ?? at), now - STEP_UP_WINDOW_MS);
  const retryAfterMs = Math.min(Math.max(since + STEP_UP_WINDOW_MS - now, 1), STEP_UP_WINDOW_MS);
  return { kind: 'exhausted', reason, retryAfterMs };
}
