import type { AuthorizationRequiredError } from '@mcp-oauth/core';
import { must, mustEqual, settled } from '../../violation.js';
import { lenient, strict } from '../authorization-server/behaviour.js';
import type { CallsReport } from '../host/calls.js';
import { withHostProcesses } from '../host/host-processes.js';
import { refreshPromise } from '../refresh-scene.js';
import type { RefreshScene } from '../refresh-scene.js';

const PEOPLE = Array.from({ length: 8 }, (_, index) => `person-${String(index + 1)}`);
const LOSS_SHARE = 0.25;
/** Each loss in a row doubles how long nobody asks again: six of them would be longer than the case. */
const MOST_IN_A_ROW = 3;
const PROCESSES = 3;
const LAST_GENERATION = 3;
const CASE_MS = 90_000;

export const lostAnswersCases = [
  refreshPromise(
    'where the server forgives a lost answer, every grant lives on and nobody has to log in',
    { server: lenient, timeoutMs: CASE_MS },
    async (scene) => {
      const { server } = scene;
      const { random } = scene.scene;
      const inARow = new Map<string, number>();
      server.tokens.losesAnswer = (person, refresh) => {
        const before = inARow.get(person) ?? 0;
        // One answer is lost for certain.
        const wanted = (person === PEOPLE[0] && refresh === 1) || random() < LOSS_SHARE;
        const isLost = wanted && before < MOST_IN_A_ROW;
        inARow.set(person, isLost ? before + 1 : 0);
        return isLost;
      };
      for (const report of await everybodyCalls(scene)) {
        const worse = report.failures.filter(({ code }) => code !== 'transient');
        must(worse.length === 0, 'A lost answer is a passing trouble and nothing else', worse.slice(0, 3));
        const unfinished = Object.entries(report.owners).filter(([, { end }]) => end !== 'done');
        mustEqual(unfinished, [], 'Every grant is renewed again and again');
      }
      for (const person of PEOPLE) {
        const { revoked, maxInFlight } = server.family(person);
        mustEqual(revoked ?? 'alive', 'alive', 'The grant lives on at the server');
        mustEqual(maxInFlight, 1, 'At most one refresh of a grant is in flight');
      }
      must(server.family(PEOPLE[0] ?? '').lostAnswers > 0, 'The server loses answers');
    },
  ),

  refreshPromise(
    'where the server forgives nothing, exactly the grants whose answer was lost need a login, and their record stays',
    { server: strict, timeoutMs: CASE_MS },
    async (scene) => {
      const { server, session } = scene;
      const { random } = scene.scene;
      const unlucky = new Map(
        PEOPLE.map((person, index) => [person, { index, lost: 1 + Math.floor(random() * 2) }] as const)
          .sort(() => random() - 0.5)
          .slice(0, PEOPLE.length / 2)
          .map(([person, { lost }]) => [person, lost]),
      );
      server.tokens.losesAnswer = (person, refresh) => unlucky.get(person) === refresh;
      const reports = await everybodyCalls(scene);
      for (const person of PEOPLE) {
        const { lostAnswers, revoked } = server.family(person);
        const isLost = unlucky.has(person);
        mustEqual(lostAnswers, isLost ? 1 : 0, `Answers to ${person} that the server loses`);
        mustEqual(revoked ?? 'alive', isLost ? 'reuse' : 'alive', `The server's view of ${person}`);
        for (const { owners } of reports) {
          mustEqual(owners[person]?.end, isLost ? 'login_required' : 'done', `How it ended for ${person}`);
        }
        const status = await session(person).status();
        mustEqual(status.state, isLost ? 'login_required' : 'logged_in', `The record of ${person}`);
        must((status.generation ?? 0) >= 1, 'The record of a lost grant is marked and not deleted', status);
        if (isLost) await mustRequireLogin(scene, person);
      }
      const codes = new Set(reports.flatMap(({ failures }) => failures).map(({ code }) => code));
      codes.delete('transient');
      codes.delete('authorization_required');
      mustEqual([...codes], [], 'A lost grant is said as nothing else than a login that is needed');
    },
  ),
];

async function everybodyCalls(scene: RefreshScene): Promise<readonly CallsReport[]> {
  for (const person of PEOPLE) await scene.login(person);
  const input = scene.calls({
    owners: PEOPLE,
    callers: 2,
    untilGeneration: LAST_GENERATION,
    atMostMs: CASE_MS / 2,
  });
  return await withHostProcesses(scene, PROCESSES, (processes) =>
    Promise.all(processes.map((run) => run(input))),
  );
}

/** Says so to whoever comes later, too, and without asking the server again. */
async function mustRequireLogin({ session, server }: RefreshScene, person: string): Promise<void> {
  const before = server.tokens.refreshRequests;
  const outcome = await settled(session(person).accessToken());
  const error = outcome.resolved ? undefined : (outcome.error as Partial<AuthorizationRequiredError>);
  mustEqual(
    [error?.code, error?.reason],
    ['authorization_required', 'outcome_unknown'],
    `What whoever asks for the token of ${person} is told`,
  );
  mustEqual(server.tokens.refreshRequests, before, 'A spent refresh token is not presented again');
}
