import { expect, test } from '@jest/globals';
import {
  currentNotes,
  isDeclined,
  judgeStepUp,
  openScope,
  STEP_UP_WINDOW_MS,
  withDenial,
} from '../../src/authorization/step-up-rules.js';
import type { Credentials, Grant, StepUp } from '../../src/credentials/credentials.js';

const NOW = 1_700_000_000_000;

function grant(grantId: string, scope: string, requestedScope = scope): Grant {
  return {
    grantId,
    generation: 1,
    status: 'active',
    server: { issuer: 'https://as.example', token_endpoint: 'https://as.example/token' },
    client: { client_id: 'client' },
    tokens: { access_token: 'a', token_type: 'Bearer', scope, issued_at: NOW },
    requestedScope,
  };
}

/** What a session remembers, call by call. */
class Notes {
  known: readonly StepUp[] = [];

  ask(operation: string, scope: string | undefined, held: Grant, now = NOW) {
    const known = currentNotes({ stepUps: this.known } as unknown as Credentials, now);
    const verdict = judgeStepUp({ operation, scope }, held, known, now);
    if (verdict.kind === 'ask' && verdict.noted) this.known = [...known, verdict.noted];
    return verdict;
  }

  deny(requested: string, held: Grant, now = NOW) {
    this.known = withDenial(this.known, requested, held, now) ?? this.known;
  }
}

test('77: what is asked for is what was granted together with what the call lacks', () => {
  const verdict = new Notes().ask('op', 'b c', grant('1', 'a b'));
  expect(verdict).toMatchObject({ kind: 'ask', scope: 'a b c', noted: { scope: 'c', grantId: '1' } });
});

test('A78: an operation that asks for something else after its login is refused, until ten minutes have gone by', () => {
  const notes = new Notes();
  expect(notes.ask('op', 's1', grant('1', 'a'))).toMatchObject({ kind: 'ask', scope: 'a s1' });
  const later = notes.ask('op', 's2', grant('2', 'a s1'), NOW + 60_000);
  expect(later).toEqual({ kind: 'exhausted', reason: 'repeated', retryAfterMs: STEP_UP_WINDOW_MS - 60_000 });
  expect(notes.ask('op', 's2', grant('2', 'a s1'), NOW + STEP_UP_WINDOW_MS)).toMatchObject({ kind: 'ask' });
});

test('A78: until its login has come, all calls of an operation are told the scope that was asked for first', () => {
  const notes = new Notes();
  const told = ['s1', 's2', 's3'].map((scope) => notes.ask('op', scope, grant('1', 'a')));
  expect(told.map((verdict) => verdict.kind === 'ask' && verdict.scope)).toEqual(['a s1', 'a s1', 'a s1']);
  expect(notes.known).toHaveLength(1);
});

test('A78: a server that grants less than was asked for, and asks for it again, gets no second login', () => {
  const notes = new Notes();
  notes.ask('op', 's1', grant('1', 'a'));
  expect(notes.ask('op', 's1', grant('2', 'a', 'a s1'))).toMatchObject({ reason: 'repeated' });
});

test('another operation has a login of its own, seconds later', () => {
  const notes = new Notes();
  notes.ask('read', 'r', grant('1', 'a'));
  expect(notes.ask('write', 'w', grant('2', 'a r'), NOW + 2_000)).toMatchObject({
    kind: 'ask',
    scope: 'a r w',
  });
});

test('two operations that were refused together have a login each, whichever comes first', () => {
  const notes = new Notes();
  notes.ask('read', 'r', grant('1', 'a'));
  notes.ask('write', 'w', grant('1', 'a'));
  expect(notes.ask('write', 'w', grant('2', 'a r'))).toMatchObject({ kind: 'ask', scope: 'a r w' });
});

test('80: the calls of one session cause three logins within ten minutes, whatever their operations', () => {
  const notes = new Notes();
  const kinds = ['1', '2', '3', '4'].map((id) => notes.ask(`op${id}`, `s${id}`, grant(id, 'a')));
  expect(kinds.map(({ kind }) => kind)).toEqual(['ask', 'ask', 'ask', 'exhausted']);
  expect(kinds[3]).toMatchObject({ reason: 'too_many' });
});

test('a host that logs in for other scopes each time is held up after three logins, too', () => {
  const notes = new Notes();
  const kinds = ['1', '2', '3', '4'].map((id) => notes.ask('op', 's', grant(id, 'a')).kind);
  expect(kinds).toEqual(['ask', 'ask', 'ask', 'exhausted']);
});

test.each([
  ['the token has it', 'a', 'already_granted'],
  ['the server names none', undefined, 'unnamed'],
  ['its name is longer than any that can be asked for', 'x'.repeat(257), 'unnamed'],
])('nobody is asked for a scope where %s', (_, scope, reason) => {
  expect(new Notes().ask('op', scope, grant('1', 'a b'))).toEqual({ kind: 'exhausted', reason });
});

test('81: what a person has declined is not asked for again, by no operation, for ten minutes', () => {
  const notes = new Notes();
  const held = grant('1', 'a');
  notes.ask('op', 's1', held);
  notes.deny('a s1', held, NOW + 1_000);
  expect(notes.ask('op', 's1', held, NOW + 2_000)).toMatchObject({ reason: 'denied' });
  expect(notes.ask('op', 's2', held, NOW + 2_000)).toMatchObject({ reason: 'denied' });
  expect(notes.ask('other', 's1', held, NOW + 2_000)).toMatchObject({ reason: 'denied' });
  expect(notes.ask('other', 's2', held, NOW + 2_000)).toMatchObject({ kind: 'ask' });
  expect(isDeclined('s1', held, notes.known)).toBe(true);
  expect(isDeclined('s1 s2', held, notes.known)).toBe(false);
  expect(openScope(held, notes.known)).toBe('s2');
  expect(notes.ask('op', 's1', held, NOW + 1_000 + STEP_UP_WINDOW_MS)).toMatchObject({ kind: 'ask' });
});

test('81: a denial that no call preceded is remembered, too, and ends with a login that grants it', () => {
  const notes = new Notes();
  notes.deny('a s1', grant('1', 'a'));
  expect(notes.ask('op', 's1', grant('1', 'a'))).toMatchObject({ reason: 'denied' });
  expect(isDeclined('s1', grant('2', 'a s1'), notes.known)).toBe(false);
  expect(notes.ask('op', 's2', grant('2', 'a s1'))).toMatchObject({ kind: 'ask' });
});

test('81: three denials hold up all operations', () => {
  const notes = new Notes();
  const held = grant('1', 'a');
  for (const id of [1, 2, 3]) {
    expect(notes.ask(`op${String(id)}`, `s${String(id)}`, held)).toMatchObject({ kind: 'ask' });
    notes.deny(`s${String(id)}`, held, NOW + id);
  }
  expect(notes.ask('op4', 's4', held)).toMatchObject({ reason: 'too_many' });
});

test('a denial of what the grant has is nothing to remember', () => {
  expect(withDenial([], 'a b', grant('1', 'a b'), NOW)).toBeUndefined();
});

test('a server can not fill the record: neither by long scopes nor by many operations', () => {
  const notes = new Notes();
  const long = Array.from({ length: 12 }, (_, at) => `${String(at)}-`.padEnd(250, 'x')).join(' ');
  const asked = Array.from({ length: 5 }, (_, at) => notes.ask(`op${String(at)}`, long, grant('1', 'a')));
  expect(asked.map(({ kind }) => kind)).toEqual(['ask', 'ask', 'exhausted', 'exhausted', 'exhausted']);
  const many = new Notes();
  for (let at = 0; at < 100; at++) many.ask(`op${String(at)}`, `s${String(at)}`, grant('1', 'a'));
  expect(many.known).toHaveLength(32);
});

test('a no to a login that no call preceded says nothing of other scopes, also to libraries that name no operation', () => {
  const notes = new Notes();
  notes.deny('a offline_access', grant('1', 'a'));
  expect(notes.ask('', 's1', grant('1', 'a'))).toMatchObject({ kind: 'ask', scope: 'a s1' });
  expect(notes.ask('', 'offline_access', grant('1', 'a'))).toMatchObject({ reason: 'denied' });
});

test('a server that declines whatever a host asks for can not fill the record', () => {
  const notes = new Notes();
  for (let at = 0; at < 40; at++) {
    const scope = Array.from({ length: 8 }, (_, part) => `${String(at)}-${String(part)}-`.padEnd(250, 'x'));
    notes.deny(scope.join(' '), grant('1', 'a'));
  }
  expect(notes.known.length).toBeGreaterThan(0);
  expect(JSON.stringify(notes.known).length).toBeLessThan(16_384);
});

test('A78: more than 64 scopes in all are not asked for', () => {
  const granted = Array.from({ length: 60 }, (_, at) => `g${String(at)}`).join(' ');
  const notes = new Notes();
  expect(notes.ask('op', 'a b c d e', grant('1', granted))).toMatchObject({ reason: 'too_many' });
  expect(notes.ask('op', 'a b c d', grant('1', granted))).toMatchObject({ kind: 'ask' });
});

test('a note from the future, which a clock that was set back leaves, holds nobody up', () => {
  const notes = new Notes();
  notes.ask('op', 's1', grant('1', 'a'), NOW + 24 * 3_600_000);
  expect(notes.ask('op', 's2', grant('2', 'a s1'))).toMatchObject({ kind: 'ask' });
});
